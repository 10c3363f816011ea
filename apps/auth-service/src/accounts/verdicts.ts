import { createHmac, randomBytes } from 'node:crypto';
import { RecentMap } from '@longshore/authorization';

/** Milliseconds. */
const lifetime = 10 * 60_000;
const mostVerdicts = 10_000;

/**
 * Remembers whether a password was right or wrong, so that a client that repeats it costs no bcrypt. The account's hash is part of the key, so a new
 * password counts at once. Keys are keyed hashes, so the process keeps no passwords in memory.
 */
export class Verdicts {
  readonly #secret = randomBytes(32);
  readonly #verdicts = new RecentMap<string, { readonly matches: boolean; readonly until: number }>(
    mostVerdicts,
  );

  /** @param hash undefined for an unknown account. Its verdicts are remembered as well; otherwise timing would reveal it */
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
