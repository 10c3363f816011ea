import { Bus, type PublicKey, signingKeys } from '@longshore/messaging';
import { OciError } from '@longshore/oci';
import { Access } from '@longshore/service-kit';
import { Controller, Get, Header } from '@nestjs/common';

interface KeySet {
  readonly keys: readonly PublicKey[];
}

/** Milliseconds that an answer of auth-service serves all clients. */
const fresh = 1000;

/** The public keys that verify our tokens (RFC 7517), for services beside the registry. A new key is published 20 minutes before it signs. */
@Controller()
export class KeysController {
  #known: { readonly answer: Promise<KeySet>; readonly until: number } | undefined;

  constructor(private readonly bus: Bus) {}

  /** @throws OciError NOT_FOUND if the registry issues no tokens; UNAVAILABLE */
  @Get('.well-known/jwks.json')
  @Access('keys')
  @Header('Content-Type', 'application/jwk-set+json')
  @Header('Cache-Control', 'public, max-age=300')
  async keys(): Promise<KeySet> {
    const answer = await this.#answer();
    if (answer.keys.length === 0)
      throw new OciError('NOT_FOUND', { reason: 'this registry issues no tokens' });
    return answer;
  }

  #answer(): Promise<KeySet> {
    if (this.#known === undefined || this.#known.until < Date.now()) {
      const answer = this.bus.request(signingKeys, {});
      this.#known = { answer, until: Date.now() + fresh };
      answer.catch(() => {
        this.#known = undefined;
      });
    }
    return this.#known.answer;
  }
}
