import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ClientFacts } from './client-facts.ts';

/** The header with sealed facts from one of our services to the next. */
export const sealHeader = 'longshore-client';

export type SealedFacts = Omit<ClientFacts, 'userAgent' | 'isForwarded'>;

type Message = Pick<IncomingMessage, 'method' | 'url'>;

/**
 * Passes the client's facts to the next service, which trusts the seal and no address: api-gateway seals, blob-service opens. The facts are
 * authenticated (HMAC-SHA256 with a key derived from `services.secret`), not hidden, and valid for one method and target only.
 */
export class ClientSeal {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, 'longshore', 'client facts', 32));
  }

  /** @param facts `trace` is the span that calls the next service */
  seal(
    { requestId, address, host, scheme, baseUrl, locationBase, certificate, trace }: SealedFacts,
    message: Message,
  ): string {
    const facts: SealedFacts = {
      requestId,
      address,
      host,
      scheme,
      baseUrl,
      locationBase,
      certificate,
      trace,
    };
    const text = Buffer.from(JSON.stringify(facts)).toString('base64url');
    return `${text}.${this.#tag(text, message).toString('base64url')}`;
  }

  /** @returns undefined if it was sealed with another secret or for another request, or was changed */
  open(sealed: string, message: Message): SealedFacts | undefined {
    const [text = '', tag = ''] = sealed.split('.');
    const given = Buffer.from(tag, 'base64url');
    const expected = this.#tag(text, message);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const facts: SealedFacts = JSON.parse(Buffer.from(text, 'base64url').toString());
    return facts;
  }

  #tag(text: string, { method, url }: Message): Buffer {
    return createHmac('sha256', this.#key).update(`${method} ${url}\n${text}`).digest();
  }
}

/** Undefined if the deployment has no `services.secret`, like the standalone registry. */
export function clientSealOf(secret: string | undefined): ClientSeal | undefined {
  return secret === undefined ? undefined : new ClientSeal(secret);
}
