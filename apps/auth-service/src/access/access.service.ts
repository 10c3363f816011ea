import type { AccessChanges, AccessQuestion, RuleOnBus, RulesOnBus } from '@longshore/messaging';
import { accessRules, Database, forgetEndedMarks, marksSince, type StoredRule } from '@longshore/metadata';
import { ServiceLog } from '@longshore/service-kit';
import { Injectable } from '@nestjs/common';

/** Most marks in one answer, about 100 KiB. */
const pageSize = 1000;
/** Milliseconds. */
const forgetEvery = 600_000;

/** Tells doors which credentials have become void. Reads the database for each question: an answer from memory would be older. */
@Injectable()
export class AccessService {
  #forgotAt = 0;

  constructor(
    private readonly database: Database,
    private readonly log: ServiceLog,
  ) {}

  /** @throws OciError UNAVAILABLE */
  async changes({ since, from, rules: known }: AccessQuestion): Promise<AccessChanges> {
    const page = await marksSince(this.database.db, { since, from, limit: pageSize });
    this.#forgetEnded();
    const rules = page.rules === known ? {} : { rules: await this.#rules(page.rules) };
    return {
      version: page.version,
      keys: page.keys,
      ...rules,
      marks: page.marks.map(({ before, keeps, ...mark }) => ({
        ...mark,
        before: before.getTime(),
        ...(keeps === undefined ? {} : { keeps }),
      })),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  }

  async #rules(version: string): Promise<RulesOnBus> {
    const rules = await accessRules(this.database.db);
    return { version, rules: rules.map(ruleOnBus) };
  }

  #forgetEnded(): void {
    if (Date.now() - this.#forgotAt < forgetEvery) return;
    this.#forgotAt = Date.now();
    forgetEndedMarks(this.database.db).catch((error: unknown) =>
      this.log.error(error, 'ended marks of void credentials could not be deleted'),
    );
  }
}

const ruleOnBus = ({ condition, name, effect, subjects, actions, repositories }: StoredRule): RuleOnBus => ({
  name,
  effect,
  subjects,
  actions,
  repositories,
  ...(condition === null ? {} : { when: condition }),
});
