import { createHmac, randomBytes } from 'node:crypto';
import { type Identity, isAccessToken, RecentMap, userNamed, VoidMarks } from '@longshore/authorization';
import { OciError } from '@longshore/oci';

export interface Login {
  readonly username: string;
  /** The password, or an access token. */
  readonly password: string;
  /** The client's address. */
  readonly address: string;
}

export type PasswordCheck = (login: Login) => Promise<
  | {
      readonly subject: string;
      readonly identity?: Identity;
      readonly fingerprint?: string;
      readonly expiresAt?: number;
    }
  | { readonly refused: true }
>;

interface Known {
  readonly identity: Identity;
  readonly fingerprint: string | undefined;
  /** Milliseconds since 1970. Time of the question. */
  readonly issuedAt: number;
  readonly until: number;
}

/** Milliseconds that a right password is remembered, unless a mark voids it earlier. */
const lifetime = 30_000;
const mostEntries = 10_000;
/** Most different passwords of one account from one address that are checked concurrently. */
const mostGuesses = 4;

/**
 * Remembers right passwords and access tokens for a short time, since bcrypt costs as much as a hundred pulls. Keys are keyed hashes, so the process keeps no passwords
 * in memory. Wrong passwords are checked each time. After auth-service has reported too many, no password is checked before its Retry-After: a
 * remembered answer must not reveal that a guess is right.
 */
export class PasswordCache {
  readonly #check: PasswordCheck;
  readonly #marks: VoidMarks;
  readonly #secret = randomBytes(32);
  readonly #known = new RecentMap<string, Known>(mostEntries);
  /** Running checks, by account and address, then by login. */
  readonly #pending = new Map<string, Map<string, Promise<Identity | undefined>>>();
  readonly #refused = new RecentMap<string, { readonly until: number; readonly error: OciError }>(
    mostEntries,
  );

  /** @param marks end what is remembered of an account when its password changes */
  constructor(check: PasswordCheck, marks = new VoidMarks()) {
    this.#check = check;
    this.#marks = marks;
  }

  /**
   * @returns the account, or undefined for wrong credentials
   * @throws OciError TOOMANYREQUESTS, and the errors of the check
   */
  async check(login: Login): Promise<Identity | undefined> {
    // The checks of one access token do not wait for those of another, whatever name stands beside it.
    const pair = this.#keyed(login.address, isAccessToken(login.password) ? login.password : login.username);
    const refused = this.#refused.get(pair);
    if (refused !== undefined && refused.until > Date.now()) throw refused.error;
    const pending = this.#pending.get(pair) ?? new Map<string, Promise<Identity | undefined>>();
    const key = this.#keyed(login.username, login.password);
    const asked = pending.get(key);
    if (asked !== undefined) return asked;
    if (pending.size >= mostGuesses) throw tooManyGuesses();
    const known = this.#known.get(key);
    if (known !== undefined && this.#isValid(known)) return known.identity;
    const asking = this.#ask(login, { key, pair }).finally(() => {
      pending.delete(key);
      if (pending.size === 0) this.#pending.delete(pair);
    });
    pending.set(key, asking);
    this.#pending.set(pair, pending);
    return asking;
  }

  #isValid({
    identity: { kind, subject, credential },
    fingerprint: password,
    issuedAt,
    until,
  }: Known): boolean {
    const ids = credential.id === undefined ? [] : [credential.id];
    return until > Date.now() && !this.#marks.voids({ kind, subject, password, issuedAt, ids });
  }

  async #ask(
    login: Login,
    { key, pair }: { readonly key: string; readonly pair: string },
  ): Promise<Identity | undefined> {
    const issuedAt = Date.now();
    try {
      const answer = await this.#check(login);
      if ('refused' in answer) return undefined;
      const { subject, identity = userNamed(subject), fingerprint, expiresAt = Infinity } = answer;
      this.#known.set(key, {
        identity,
        fingerprint,
        issuedAt,
        until: Math.min(Date.now() + lifetime, expiresAt),
      });
      return identity;
    } catch (error) {
      if (error instanceof OciError && error.code === 'TOOMANYREQUESTS') {
        const seconds = Number(error.headers['retry-after'] ?? 1);
        this.#refused.set(pair, { until: Date.now() + seconds * 1000, error });
      }
      throw error;
    }
  }

  #keyed(first: string, second: string): string {
    return createHmac('sha256', this.#secret).update(`${first}\0${second}`).digest('base64');
  }
}

const tooManyGuesses = (): OciError =>
  new OciError(
    'TOOMANYREQUESTS',
    { reason: 'too many passwords at once' },
    { headers: { 'retry-after': '1' } },
  );
