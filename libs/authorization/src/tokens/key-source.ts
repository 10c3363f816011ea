import type { X509Certificate } from 'node:crypto';
import type { JWK } from 'jose';

export interface KeySet {
  readonly keys: readonly JWK[];
  /** Anchors of the certificates in tokens (`x5c`). */
  readonly anchors?: readonly X509Certificate[];
  /** True if these are older keys because the issuer could not be asked. A key id that is not among them may be new. */
  readonly stale?: boolean;
}

/** A source of an issuer's public keys: the bus, a file, another registry. */
export abstract class KeySource {
  /** Returns the keys that verify now. Rejects if they are unavailable; the caller continues with the known ones. */
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
