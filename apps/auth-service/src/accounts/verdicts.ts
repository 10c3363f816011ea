import { createHmac, randomBytes } from 'node:crypto';
import { RecentMap } from '@longshore/authorization';

/** Milliseconds. */
const lifetime = 10 * 60_000;
const mostVerdicts = 10_000;

/**
 * Whether a password was right or wrong when it was compared lately, so that a client that repeats it costs no bcrypt. Bound to the account's
 * hash: a new password counts at once. Kept under a keyed hash, so the memory of the process holds no passwords.
 */
export class Verdicts {
  readonly #secret = randomBytes(32);
  readonly #verdicts = new RecentMap<string, { readonly matches: boolean; readonly until: number }>(
    mostVerdicts,
  );

  /** @param hash undefined for an account that there is not: its verdicts are remembered like others, or their speed would tell */
  keyOf(username: string, password: string, hash: string | undefined): string {
    const text = JSON.stringify([username, password, hash ?? '']);
    return createHmac('sha256', this.#secret).update(text).digest('base64');
  }

  get(key: string): boolean | undefined {
    const found = this.#verdicts.get(key);
    return found !== undefined && found.until > Date.now() ? found.matches : undefined;
  }

  set(key: string, matches: boolean): void {
    this.#verdicts.set(key, { matches, until: Date.now() + lifetime });
  }
}
