import { Seal } from '@longshore/authorization';
import type { ProviderTokens } from './provider.ts';

/** Seals the tokens of a login for its row: who reads the database gets no access at the provider. */
export class SealedTokens {
  readonly #seal: Seal;

  constructor(secret: string) {
    this.#seal = new Seal(secret, 'tokens of identity providers');
  }

  seal(tokens: ProviderTokens, loginId: string): Buffer {
    return this.#seal.seal(Buffer.from(JSON.stringify(tokens)), loginId);
  }

  /** Returns no tokens if they were sealed with another secret: the login then ends when its confirmation does. */
  open(sealed: Uint8Array, loginId: string): ProviderTokens {
    const plain = this.#seal.open(sealed, loginId);
    // What the seal opens is what `seal` wrote.
    const tokens: ProviderTokens = plain === undefined ? {} : JSON.parse(plain.toString('utf8'));
    return tokens;
  }
}
