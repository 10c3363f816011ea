import { Seal } from '@longshore/authorization';

/** Where a person goes after the login. There are no other targets. */
export type Next = { readonly page: 'account' } | { readonly page: 'device'; readonly userCode: string };

/** A login that has begun. The browser carries it, sealed, to whichever replica sees the callback. */
export interface Attempt {
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  /** The PKCE code verifier. */
  readonly verifier: string;
  readonly next: Next;
}

const context = 'login attempt 1';
/** Seconds for the login at the provider. */
export const attemptLife = 600;

/** Seals attempts for the cookie. */
export class Attempts {
  readonly #seal: Seal;

  constructor(secret: string) {
    this.#seal = new Seal(secret, 'login attempts');
  }

  /** @param now seconds since 1970 */
  write(attempt: Attempt, now: number): string {
    const plain = JSON.stringify({ ...attempt, until: now + attemptLife });
    return this.#seal.seal(Buffer.from(plain), context).toString('base64url');
  }

  /** @returns undefined if we did not seal it, or if it has expired */
  read(text: string, now: number): Attempt | undefined {
    const plain = this.#seal.open(Buffer.from(text, 'base64url'), context);
    if (plain === undefined) return undefined;
    // What the seal opens is what `write` wrote.
    const { until, ...attempt }: Attempt & { readonly until: number } = JSON.parse(plain.toString('utf8'));
    return until > now ? attempt : undefined;
  }
}
