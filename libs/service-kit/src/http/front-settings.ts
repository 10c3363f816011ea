import type { ClientFacts } from './client-facts.ts';
import type { ClientSeal } from './client-seal.ts';
import { Networks } from './networks.ts';

export interface FrontOptions {
  readonly headers?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  readonly host?: string | undefined;
  readonly relativeUrls?: boolean | undefined;
  readonly seal?: ClientSeal | undefined;
  readonly traced?: boolean;
}

/** The front's slice of the configuration. */
export class FrontSettings {
  /** Added to every answer (`http.headers`). */
  readonly headers: readonly (readonly [name: string, values: readonly string[]])[];
  /** Whether the configured headers permit other origins: then OPTIONS is answered, without credentials. */
  readonly answersPreflight: boolean;
  /** Whose X-Forwarded-* and Forwarded headers are believed. */
  readonly proxies: Networks;
  /** Opens what another of our services says of its client. */
  readonly seal: ClientSeal | undefined;
  /** Whether requests have spans while tracing is on. */
  readonly traced: boolean;
  readonly #host: string | undefined;
  readonly #relativeUrls: boolean | undefined;

  constructor({
    headers = {},
    trustedProxies = [],
    host,
    relativeUrls,
    seal,
    traced = true,
  }: FrontOptions = {}) {
    this.headers = Object.entries(headers);
    this.answersPreflight = this.headers.some(([name]) => /^access-control-/i.test(name));
    this.proxies = new Networks(trustedProxies);
    this.seal = seal;
    this.traced = traced;
    this.#host = host?.replace(/\/+$/, '');
    this.#relativeUrls = relativeUrls;
  }

  /**
   * Where the registry is for a client, and how it is told in a Location (`http.host`, `http.relativeurls`).
   * @param certain whether TLS ends here or a trusted proxy names the scheme. Otherwise a proxy that ends TLS may stand before us, and a
   * Location with http:// would be refused.
   */
  place({
    scheme,
    host,
    certain,
  }: Pick<ClientFacts, 'scheme' | 'host'> & { readonly certain: boolean }): Pick<
    ClientFacts,
    'baseUrl' | 'locationBase'
  > {
    const baseUrl = this.#host ?? `${scheme}://${host}`;
    const relative = this.#relativeUrls ?? !(certain || this.#host !== undefined);
    return { baseUrl, locationBase: relative ? '' : baseUrl };
  }
}
