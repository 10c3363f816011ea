import { createHmac, randomBytes } from 'node:crypto';

export type PasswordCheck = (
  username: string,
  password: string,
) => Promise<{ readonly subject: string } | { readonly refused: true }>;

/** How long a right password is remembered: so long may a removed account still be let in. Milliseconds. */
const lifetime = 30_000;
const mostEntries = 10_000;

/**
 * Remembers right passwords for a short while, since bcrypt costs what a hundred pulls cost. Kept under a keyed hash: the memory of the process
 * holds no passwords. Wrong ones are asked again each time.
 */
export class PasswordCache {
  readonly #check: PasswordCheck;
  readonly #secret = randomBytes(32);
  readonly #known = new Map<string, { readonly subject: string; readonly until: number }>();
  readonly #pending = new Map<string, Promise<string | undefined>>();

  constructor(check: PasswordCheck) {
    this.#check = check;
  }

  /** @returns the account's name, or undefined for wrong credentials */
  check(username: string, password: string): Promise<string | undefined> {
    const key = createHmac('sha256', this.#secret).update(`${username}\0${password}`).digest('base64');
    const known = this.#known.get(key);
    if (known !== undefined && known.until > Date.now()) return Promise.resolve(known.subject);
    const pending =
      this.#pending.get(key) ?? this.#ask(key, username, password).finally(() => this.#pending.delete(key));
    this.#pending.set(key, pending);
    return pending;
  }

  async #ask(key: string, username: string, password: string): Promise<string | undefined> {
    const answer = await this.#check(username, password);
    if ('refused' in answer) return undefined;
    if (this.#known.size >= mostEntries) this.#known.clear();
    this.#known.set(key, { subject: answer.subject, until: Date.now() + lifetime });
    return answer.subject;
  }
}
