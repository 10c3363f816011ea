import { accountFingerprint } from '@longshore/authorization';
import { Database, recordFileAccounts } from '@longshore/metadata';
import { runLoop, ServiceLog, type StepOutcome } from '@longshore/service-kit';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AccountsService } from './accounts.service.ts';
import type { Accounts } from './sources/htpasswd.ts';
import type { HtpasswdFile } from './sources/htpasswd-file.ts';

type Fingerprints = ReadonlyMap<string, string>;

/** Milliseconds between looks at the file. With the doors' half second a changed password ends within a second. */
const interval = 100;
/** Milliseconds until another try to record a change. */
const longest = 1000;

/** Watches the htpasswd file, and voids what was got with a password that was changed or removed. */
@Injectable()
export class PasswordChanges implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #closed = new AbortController();
  #recorded: { readonly accounts: Accounts; readonly fingerprints: Fingerprints } | undefined;
  #loop: Promise<void> | undefined;

  constructor(
    private readonly accounts: AccountsService,
    private readonly database: Database,
    private readonly log: ServiceLog,
  ) {}

  onApplicationBootstrap(): void {
    const { file } = this.accounts;
    if (file === undefined) return;
    this.#loop = runLoop({
      step: () => this.#look(file),
      interval,
      longest,
      signal: this.#closed.signal,
      failed: (error) =>
        this.log.error(error, 'a change of passwords could not be recorded; tried again in a second'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed.abort();
    await this.#loop;
  }

  /** @throws OciError UNAVAILABLE if the database is away */
  async #look(file: HtpasswdFile): Promise<StepOutcome> {
    // A missing file changes nothing: nobody is admitted or refused meanwhile, and readiness reports it.
    const accounts = await file.accounts().catch(() => undefined);
    if (accounts === undefined || accounts === this.#recorded?.accounts) return 'idle';
    const fingerprints = fingerprintsOf(accounts);
    const changed = changedNames(this.#recorded?.fingerprints ?? fingerprints, fingerprints);
    await recordFileAccounts(this.database.db, { accounts: fingerprints, changed });
    this.#recorded = { accounts, fingerprints };
    return 'idle';
  }
}

const fingerprintsOf = ({ hashes }: Accounts): Fingerprints =>
  new Map([...hashes].map(([name, hash]) => [name, accountFingerprint(name, hash)]));

const changedNames = (before: Fingerprints, after: Fingerprints): string[] =>
  [...before].filter(([name, fingerprint]) => after.get(name) !== fingerprint).map(([name]) => name);
