import { createHash } from 'node:crypto';
import type { Identity } from '../identity.ts';

export interface VerifiedToken {
  readonly identity: Identity;
  readonly issuer: string;
  readonly kid: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Tokens verified lately, by their hash, so that a heap dump holds no usable credential. Bounded; the least recently used go first. */
export class TokenCache {
  readonly #maximum: number;
  readonly #tokens = new Map<string, VerifiedToken>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  static keyOf(token: string): string {
    return createHash('sha256').update(token).digest('base64');
  }

  get(key: string, now: number): VerifiedToken | undefined {
    const found = this.#tokens.get(key);
    if (found === undefined) return undefined;
    this.#tokens.delete(key);
    if (found.until < now) return undefined;
    this.#tokens.set(key, found);
    return found;
  }

  set(key: string, token: VerifiedToken): void {
    this.#tokens.delete(key);
    this.#tokens.set(key, token);
    const oldest = this.#tokens.size > this.#maximum ? this.#tokens.keys().next() : undefined;
    if (oldest !== undefined && oldest.done !== true) this.#tokens.delete(oldest.value);
  }

  delete(key: string): void {
    this.#tokens.delete(key);
  }

  get size(): number {
    return this.#tokens.size;
  }
}
