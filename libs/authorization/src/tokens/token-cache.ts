import { createHash } from 'node:crypto';
import type { Identity } from '../identity.ts';
import type { MarkedFacts } from '../marks/void-marks.ts';
import { RecentMap } from '../recent-map.ts';

export interface VerifiedToken {
  readonly identity: Identity;
  /** The facts by which marks find the token. */
  readonly facts: MarkedFacts;
  readonly issuer: string;
  /** Id of the key that verified the token. */
  readonly kid?: string;
  /** For a token with certificates: the anchors of their chain (Keyring.anchors). */
  readonly anchors?: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Recently verified tokens by their hash, so that a heap dump contains no usable credential. Bounded. */
export class TokenCache {
  readonly #tokens: RecentMap<string, VerifiedToken>;

  constructor(maximum: number) {
    this.#tokens = new RecentMap(maximum);
  }

  static keyOf(token: string): string {
    return createHash('sha256').update(token).digest('base64');
  }

  get(key: string, now: number): VerifiedToken | undefined {
    const found = this.#tokens.get(key);
    if (found === undefined || found.until >= now) return found;
    this.#tokens.delete(key);
    return undefined;
  }

  set(key: string, token: VerifiedToken): void {
    this.#tokens.set(key, token);
  }

  delete(key: string): void {
    this.#tokens.delete(key);
  }
}
