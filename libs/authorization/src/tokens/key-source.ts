import type { X509Certificate } from 'node:crypto';
import type { JWK } from 'jose';

export interface KeySet {
  readonly keys: readonly JWK[];
  /** Certificates that a token's own certificates may lead to (`x5c`). */
  readonly anchors?: readonly X509Certificate[];
}

/** Where the public keys of an issuer come from: the bus, a file, another registry. */
export abstract class KeySource {
  /** The keys that verify now. Rejects when they cannot be had; the caller goes on with those it knows. */
  abstract keys(): Promise<KeySet>;
}

/**
 * Keys that never change.
 * @internal Tests verify with them.
 */
export class FixedKeys extends KeySource {
  readonly #set: KeySet;

  constructor(keys: readonly JWK[]) {
    super();
    this.#set = { keys };
  }

  override keys(): Promise<KeySet> {
    return Promise.resolve(this.#set);
  }
}
