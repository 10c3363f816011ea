import { createHmac, randomBytes } from 'node:crypto';
import { RecentMap } from '@longshore/authorization';

/** Milliseconds. */
const lifetime = 10 * 60_000;
const mostVerdicts = 10_000;

/** The groups that came with a right password, or false for a wrong one. */
export type Verdict = readonly string[] | false;

/**
 * Remembers whether a password was right or wrong, so that a client that repeats it costs no bcrypt. The account's version is part of the key, so a
 * new password counts at once. Keys are keyed hashes, so the process keeps no passwords in memory.
 */
export class Verdicts {
  readonly #secret = randomBytes(32);
  readonly #verdicts = new RecentMap<string, { readonly verdict: Verdict; readonly until: number }>(
    mostVerdicts,
  );

  /** @param version undefined for an unknown account. Its verdicts are remembered as well; otherwise timing would reveal it */
  keyOf(username: string, password: string, version: string | undefined): string {
    const text = JSON.stringify([username, password, version ?? '']);
    return createHmac('sha256', this.#secret).update(text).digest('base64');
  }

  get(key: string): Verdict | undefined {
    const found = this.#verdicts.get(key);
    return found !== undefined && found.until > Date.now() ? found.verdict : undefined;
  }

  set(key: string, verdict: Verdict): void {
    this.#verdicts.set(key, { verdict, until: Date.now() + lifetime });
  }
}
