import { setTimeout as sleep } from 'node:timers/promises';
import { Database, recordFileAccounts } from '@longshore/metadata';
import { ServiceLog } from '@longshore/service-kit';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AccountsService } from './accounts.service.ts';

type Fingerprints = ReadonlyMap<string, string>;

/** Milliseconds between looks at the file. With the doors' half second a changed password ends within a second. */
const interval = 100;
/** Milliseconds until another try to record a change. */
const pauseAfterFailure = 1000;

/** Watches the htpasswd file, and voids what was got with a password that was changed or removed. */
@Injectable()
export class PasswordChanges implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #closed = new AbortController();
  #recorded: Fingerprints | undefined;
  #loop: Promise<void> | undefined;

  constructor(
    private readonly accounts: AccountsService,
    private readonly database: Database,
    private readonly log: ServiceLog,
  ) {}

  onApplicationBootstrap(): void {
    if (this.accounts.hasFile) this.#loop = this.#run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      const rest = await this.#look().then(
        () => interval,
        (error: unknown) => {
          this.log.error(error, 'a change of passwords could not be recorded; tried again in a second');
          return pauseAfterFailure;
        },
      );
      await sleep(rest, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @throws OciError UNAVAILABLE if the database is away */
  async #look(): Promise<void> {
    // A missing file changes nothing: nobody is admitted or refused meanwhile, and readiness reports it.
    const found = await this.accounts.fingerprints().catch(() => undefined);
    if (found === undefined || found === this.#recorded) return;
    const changed = this.#recorded === undefined ? [] : changedNames(this.#recorded, found);
    await recordFileAccounts(this.database.db, { accounts: found, changed });
    this.#recorded = found;
  }
}

const changedNames = (before: Fingerprints, after: Fingerprints): string[] =>
  [...before].filter(([name, fingerprint]) => after.get(name) !== fingerprint).map(([name]) => name);
