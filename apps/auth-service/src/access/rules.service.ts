import { PolicyRights, Rights, ruleOf } from '@longshore/authorization';
import { changedRules, Database } from '@longshore/metadata';
import { runLoop, ServiceLog, type StepOutcome } from '@longshore/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AuthSettings } from '../auth-settings.ts';

/** Milliseconds between two looks at the rules. */
const interval = 500;
/** Milliseconds until another look while they cannot be read. */
const longest = 1000;

/** Keeps the rules of the database in force where tokens are issued, as the AccessFeed does at doors. */
@Injectable()
export class RulesService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  /** Version of the rules that were looked at last. */
  #version: string | undefined;

  constructor(
    private readonly settings: AuthSettings,
    private readonly database: Database,
    @Inject(Rights) private readonly rights: PolicyRights,
    private readonly log: ServiceLog,
  ) {}

  onApplicationBootstrap(): void {
    // Only the token endpoint decides by them.
    if (this.settings.tokens === undefined) return;
    this.#loop = runLoop({
      step: () => this.#look(),
      interval,
      longest,
      signal: this.#stop.signal,
      failed: (fault) =>
        this.log.error(fault, 'the rules of the database cannot be used; the known ones stay in force'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #look(): Promise<StepOutcome> {
    const changed = await changedRules(this.database.db, this.#version);
    if (changed === undefined) return 'idle';
    // First: rules that cannot be compiled are reported once.
    this.#version = changed.version;
    await this.rights.add(changed.rules.map(ruleOf));
    return 'idle';
  }
}
