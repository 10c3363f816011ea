import { readFile } from 'node:fs/promises';
import { type KeySet, KeySource, readKeySet } from '@longshore/authorization';
import type { Egress } from '@longshore/service-kit';

export interface ProviderAddress {
  /** The exact issuer, which its discovery document must name. */
  readonly issuer: string;
  /** URL of the key set. Undefined: its discovery document names it. */
  readonly jwks: string | undefined;
  /** Path of a file with a bearer token that is sent to the URL `jwks`. */
  readonly tokenfile: string | undefined;
}

/** Fetches the keys of an identity provider (OpenID Connect Discovery 1.0), through the egress client. */
export class ProviderKeys extends KeySource {
  readonly #egress: Egress;
  readonly #address: ProviderAddress;

  constructor(egress: Egress, address: ProviderAddress) {
    super();
    this.#egress = egress;
    this.#address = address;
  }

  /** @throws EgressError; Error if an answer is not what it should be */
  override async keys(): Promise<KeySet> {
    const { jwks, tokenfile } = this.#address;
    const url = jwks ?? (await this.#discovered());
    const headers =
      tokenfile === undefined
        ? {}
        : { authorization: `Bearer ${(await readFile(tokenfile, 'utf8')).trim()}` };
    return { keys: await readKeySet(await this.#get(url, headers), 'the answer') };
  }

  async #discovered(): Promise<string> {
    const { issuer } = this.#address;
    const text = await this.#get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { issuer: named, jwks_uri: url } = objectOf(text);
    if (named !== issuer) throw new Error('the discovery document names another issuer');
    if (typeof url !== 'string') throw new Error('the discovery document names no jwks_uri');
    return url;
  }

  async #get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const answer = await this.#egress.fetch(url, { headers });
    if (answer.status !== 200) throw new Error(`the provider answered ${answer.status}`);
    return answer.text();
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // The parser's error would quote the document.
  }
  throw new Error('the discovery document is no JSON object');
}
