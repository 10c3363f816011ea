import { type Identity, isAccessToken, userNamed } from '@longshore/authorization';
import { ConfigurationError } from '@longshore/configuration';
import { Database } from '@longshore/metadata';
import { ServiceLog } from '@longshore/service-kit';
import { Metrics, series } from '@longshore/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AuthSettings } from '../auth-settings.ts';
import { AccessTokens } from './access-tokens.ts';
import { FairSlots } from './fair-slots.ts';
import { type Attempt, LoginLimits } from './login-limits.ts';
import { PasswordThreads } from './password-threads.ts';
import type { AccountSources, Found } from './sources/account-sources.ts';
import { createSources } from './sources/create-sources.ts';
import { HtpasswdFile } from './sources/htpasswd-file.ts';
import { type PasswordWork, passwordWork } from './sources/password-work.ts';
import { type Verdict, Verdicts } from './verdicts.ts';

/** A name and password, and the address of the client that sent them. */
export interface Login extends Attempt {
  /** The password, or an access token. */
  readonly password: string;
}

/** A login that was right. */
export interface AdmittedLogin {
  readonly identity: Identity;
  /** Changes with the password and does not reveal it. Undefined for an access token, which stays itself, and where the source cannot tell when it ends. */
  readonly fingerprint: string | undefined;
  /** Time at which an access token expires. Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
}

/** Questions to directories at a time, and those that wait. */
const questions = { slots: 16, queue: 256 };

/** The accounts of all sources, and access tokens. */
@Injectable()
export class AccountsService implements OnApplicationBootstrap, OnApplicationShutdown {
  /** The file of accounts, if the configuration names one. */
  readonly file: HtpasswdFile | undefined;
  readonly #sources: AccountSources;
  readonly #accessTokens: AccessTokens | undefined;
  readonly #threads = new PasswordThreads();
  readonly #questions = new FairSlots(questions);
  readonly #limits = new LoginLimits();
  readonly #verdicts = new Verdicts();
  readonly #logins;
  readonly #pending = new Map<string, Promise<Verdict>>();

  constructor(settings: AuthSettings, database: Database, log: ServiceLog, metrics: Metrics) {
    this.#logins = metrics.counter(series.logins);
    const complain = (path: string, complaint: string): void =>
      log.warn(`${path}, ${complaint}: this account cannot log in`);
    this.file = settings.htpasswd === undefined ? undefined : new HtpasswdFile(settings.htpasswd, complain);
    this.#sources = createSources({ file: this.file, settings, database, log });
    const hasOwners = settings.database || settings.oidc !== undefined;
    this.#accessTokens = hasOwners ? new AccessTokens(database, this.#sources, log) : undefined;
  }

  /** @throws ConfigurationError if the file is missing at the start: that is a mistake in the configuration */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.file?.accounts();
    } catch (cause) {
      throw new ConfigurationError(
        [{ path: 'auth.htpasswd.path', message: 'names a file that cannot be read' }],
        { cause },
      );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#threads.close(), this.#accessTokens?.close()]);
  }

  /**
   * Identifies the account by its password or by one of its access tokens. An unknown name takes as long as a wrong password. Concurrent calls with
   * the same login share one comparison. Access tokens are not limited: they cannot be guessed, and cost one look-up.
   * @returns undefined for wrong credentials
   * @throws OciError UNAVAILABLE; TOOMANYREQUESTS after too many wrong passwords (LoginLimits)
   */
  async authenticate(login: Login): Promise<AdmittedLogin | undefined> {
    if (this.#sources.isEmpty && this.#accessTokens === undefined) return undefined;
    try {
      const admitted =
        this.#accessTokens !== undefined && isAccessToken(login.password)
          ? await this.#byAccessToken(this.#accessTokens, login.password)
          : await this.#byPassword(login);
      this.#logins.inc({ outcome: admitted === undefined ? 'wrong' : 'right' });
      return admitted;
    } catch (error) {
      this.#logins.inc({ outcome: 'refused' });
      throw error;
    }
  }

  async #byAccessToken(tokens: AccessTokens, secret: string): Promise<AdmittedLogin | undefined> {
    const found = await tokens.identify(secret);
    return found && { ...found, fingerprint: undefined };
  }

  async #byPassword(login: Login): Promise<AdmittedLogin | undefined> {
    if (this.#sources.isEmpty) return undefined;
    this.#limits.check(login);
    const found = await this.#sources.find(login.username);
    const verdict = await this.#verdict(login, found);
    if (found === undefined || verdict === false) return undefined;
    const { name, fingerprint, admit } = found.account;
    const groups = await admit(verdict);
    return groups && { identity: { ...userNamed(name), groups }, fingerprint };
  }

  async #verdict(login: Login, found: Found | undefined): Promise<Verdict> {
    const key = this.#verdicts.keyOf(login.username, login.password, found?.account.version);
    const known = this.#verdicts.get(key);
    if (known !== undefined && known !== false) this.#limits.begin(login).succeeded();
    if (known !== undefined) return known;
    const shared = `${key} ${login.address}`;
    const pending =
      this.#pending.get(shared) ?? this.#judge(login, found, key).finally(() => this.#pending.delete(shared));
    this.#pending.set(shared, pending);
    return pending;
  }

  async #judge(login: Login, found: Found | undefined, key: string): Promise<Verdict> {
    const flows = this.#limits.flows(login);
    // Again, with nothing awaited before it begins: attempts that looked for their account at the same time have all passed the first check.
    this.#limits.check(login);
    const attempt = this.#limits.begin(login);
    try {
      const verdict = await this.#compare(login, found, flows);
      this.#verdicts.set(key, verdict);
      if (verdict !== false) attempt.succeeded();
      return verdict;
    } catch (error) {
      attempt.cancelled();
      throw error;
    }
  }

  async #compare(login: Login, found: Found | undefined, flows: readonly string[]): Promise<Verdict> {
    const { password } = login;
    const { hash, ask, groups = [] } = found?.account ?? {};
    // Directories take an empty password for a login of nobody, which succeeds (RFC 4513, section 5.1.2).
    const answer =
      ask === undefined || password === ''
        ? undefined
        : await this.#questions.run(flows, () => ask(password));
    if (answer !== undefined) return answer;
    const highest = await this.#sources.highestCost();
    const matches = highest > 0 && (await this.#matches(login, passwordWork(hash, highest), flows));
    if (matches && hash !== undefined) return groups;
    await this.#questions.run(flows, () => this.#sources.decoys(found?.source));
    return false;
  }

  async #matches(login: Login, work: PasswordWork, flows: readonly string[]): Promise<boolean> {
    const { matches, worked } = await this.#threads.compare({
      password: login.password,
      work,
      standing: this.#limits.standing(login),
      flows,
      check: () => this.#limits.checkWork(login),
    });
    if (!matches) this.#limits.worked(login, worked);
    return matches;
  }

  /**
   * Returns the account as it is now, without a password. Refresh tokens carry its fingerprint, so they end with the account or the password.
   * @returns undefined if there is no such account, if it must not log in, or if its source cannot tell
   * @throws OciError UNAVAILABLE
   */
  async current(username: string): Promise<AdmittedLogin | undefined> {
    const account = (await this.#sources.find(username))?.account;
    if (account?.fingerprint === undefined || account.groups === undefined) return undefined;
    const groups = await account.admit(account.groups);
    const { name, fingerprint } = account;
    return groups && { identity: { ...userNamed(name), groups }, fingerprint };
  }

  /** Tells whether a source is known to have an account of the name. @throws OciError UNAVAILABLE */
  async has(username: string): Promise<boolean> {
    return (await this.#sources.find(username))?.account.groups !== undefined;
  }
}
