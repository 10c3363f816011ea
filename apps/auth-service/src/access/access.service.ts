import type { AccessChanges, AccessQuestion } from '@longshore/messaging';
import { accessRules, Database, forgetEndedMarks, marksSince } from '@longshore/metadata';
import { ServiceLog } from '@longshore/service-kit';
import { Injectable } from '@nestjs/common';

/** Most marks in one answer, about 100 KiB. */
const pageSize = 1000;
/** Milliseconds. */
const forgetEvery = 600_000;

/**
 * Tells doors which credentials have become void, and the rules of the database. Reads the database for each question: an answer from memory would be
 * older.
 */
@Injectable()
export class AccessService {
  #forgotAt = 0;

  constructor(
    private readonly database: Database,
    private readonly log: ServiceLog,
  ) {}

  /** @throws OciError UNAVAILABLE */
  async changes({ since, from, rules: known }: AccessQuestion): Promise<AccessChanges> {
    const { db } = this.database;
    const page = await marksSince(db, { since, from, limit: pageSize });
    this.#forgetEnded();
    return {
      version: page.version,
      keys: page.keys,
      ...(page.rules !== known && { rules: { version: page.rules, rules: await accessRules(db) } }),
      marks: page.marks.map(({ before, keeps, ...mark }) => ({
        ...mark,
        before: before.getTime(),
        ...(keeps === undefined ? {} : { keeps }),
      })),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  }

  #forgetEnded(): void {
    if (Date.now() - this.#forgotAt < forgetEvery) return;
    this.#forgotAt = Date.now();
    forgetEndedMarks(this.database.db).catch((error: unknown) =>
      this.log.error(error, 'ended marks of void credentials could not be deleted'),
    );
  }
}
