import { createHmac } from 'node:crypto';
import { ConfigurationError } from '@longshore/configuration';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ServiceLog } from '@longshore/service-kit';
import { Metrics, series } from '@longshore/telemetry';
import { AuthSettings } from '../auth-settings.ts';
import type { Accounts } from './htpasswd.ts';
import { HtpasswdFile } from './htpasswd-file.ts';
import { type Attempt, LoginLimits } from './login-limits.ts';
import { PasswordThreads } from './password-threads.ts';
import { Verdicts } from './verdicts.ts';

/** A name and password, and the address of the client that sent them. */
export interface Login extends Attempt {
  readonly password: string;
}

/** A login that was right. */
export interface AdmittedLogin {
  readonly subject: string;
  /** See AccountsService.fingerprint. */
  readonly fingerprint: string;
}

/** The accounts of the htpasswd file. */
@Injectable()
export class AccountsService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #file: HtpasswdFile | undefined;
  readonly #threads = new PasswordThreads();
  readonly #limits = new LoginLimits();
  readonly #verdicts = new Verdicts();
  readonly #logins;
  #fingerprints: { readonly accounts: Accounts; readonly byName: ReadonlyMap<string, string> } | undefined;
  readonly #pending = new Map<string, Promise<boolean>>();

  constructor(settings: AuthSettings, log: ServiceLog, metrics: Metrics) {
    this.#logins = metrics.counter(series.logins);
    const complain = (path: string, complaint: string): void =>
      log.warn(`${path}, ${complaint}: this account cannot log in`);
    this.#file = settings.htpasswd === undefined ? undefined : new HtpasswdFile(settings.htpasswd, complain);
  }

  /** @throws ConfigurationError if the file is missing at the start: that is a mistake in the configuration */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.#file?.accounts();
    } catch (cause) {
      throw new ConfigurationError(
        [{ path: 'auth.htpasswd.path', message: 'names a file that cannot be read' }],
        { cause },
      );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#threads.close();
  }

  /**
   * Returns the account if this is its password. An unknown name takes as long as a wrong password. Concurrent calls with the same login share one
   * comparison.
   * @throws OciError UNAVAILABLE; TOOMANYREQUESTS after too many wrong passwords (LoginLimits)
   */
  async authenticate(login: Login): Promise<AdmittedLogin | undefined> {
    const accounts = await this.#file?.accounts();
    if (accounts === undefined) return undefined;
    try {
      const right = await this.#isRight(login, accounts);
      this.#logins.inc({ outcome: right ? 'right' : 'wrong' });
      const { username } = login;
      // Of the file that the password was compared with: it may have changed meanwhile.
      const fingerprint = right ? this.#fingerprintsOf(accounts).get(username) : undefined;
      return fingerprint === undefined ? undefined : { subject: username, fingerprint };
    } catch (error) {
      this.#logins.inc({ outcome: 'refused' });
      throw error;
    }
  }

  async #isRight(login: Login, accounts: Accounts): Promise<boolean> {
    this.#limits.check(login);
    const { username, password } = login;
    const key = this.#verdicts.keyOf(username, password, accounts.hashes.get(username));
    const known = this.#verdicts.get(key);
    if (known === true) this.#limits.begin(login).succeeded();
    if (known !== undefined) return known;
    const shared = `${key} ${login.address}`;
    const pending =
      this.#pending.get(shared) ??
      this.#compare(login, accounts, key).finally(() => this.#pending.delete(shared));
    this.#pending.set(shared, pending);
    return pending;
  }

  async #compare(login: Login, accounts: Accounts, key: string): Promise<boolean> {
    const { username, password } = login;
    const flows = this.#limits.flows(login);
    const attempt = this.#limits.begin(login);
    try {
      const matches = await this.#threads.matches({ password, work: accounts.workFor(username), flows });
      const right = matches && accounts.hashes.has(username);
      this.#verdicts.set(key, right);
      if (right) attempt.succeeded();
      return right;
    } catch (error) {
      attempt.cancelled();
      throw error;
    }
  }

  /**
   * A value that changes with the password and does not reveal it. Undefined if there is no such account. Refresh tokens carry it, so they end with
   * the account or the password.
   * @throws OciError UNAVAILABLE
   */
  async fingerprint(username: string): Promise<string | undefined> {
    return (await this.fingerprints())?.get(username);
  }

  /** Returns the fingerprints of all accounts by name: the same map until the file changes. @throws OciError UNAVAILABLE */
  async fingerprints(): Promise<ReadonlyMap<string, string> | undefined> {
    const accounts = await this.#file?.accounts();
    return accounts && this.#fingerprintsOf(accounts);
  }

  /** True if the configuration names a file of accounts. */
  get hasFile(): boolean {
    return this.#file !== undefined;
  }

  #fingerprintsOf(accounts: Accounts): ReadonlyMap<string, string> {
    if (this.#fingerprints?.accounts === accounts) return this.#fingerprints.byName;
    const byName = new Map([...accounts.hashes].map(([name, hash]) => [name, fingerprintOf(name, hash)]));
    this.#fingerprints = { accounts, byName };
    return byName;
  }
}

const fingerprintOf = (username: string, hash: string): string =>
  createHmac('sha256', hash).update(`longshore account ${username}`).digest('base64url');
