import { createHash } from 'node:crypto';
import type { Identity } from '../identity.ts';
import { RecentMap } from '../recent-map.ts';

export interface VerifiedToken {
  readonly identity: Identity;
  readonly issuer: string;
  /** The id of the key that verified it. */
  readonly kid?: string;
  /** Of a token that brought its certificates along: the anchors that they led to (Keyring.anchors). */
  readonly anchors?: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Tokens verified lately, by their hash, so that a heap dump holds no usable credential. Bounded. */
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
