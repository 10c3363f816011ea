import type { ClientCertificates } from './client-certificates.ts';
import type { ClientFacts } from './client-facts.ts';
import type { ClientSeal } from './client-seal.ts';
import { Networks } from './networks.ts';

export interface FrontOptions {
  readonly headers?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  readonly host?: string | undefined;
  readonly relativeUrls?: boolean | undefined;
  readonly seal?: ClientSeal | undefined;
  readonly certificates?: ClientCertificates | undefined;
  readonly traced?: boolean;
}

/** The part of the configuration that the front uses. */
export class FrontSettings {
  /** Headers of every answer (`http.headers`). */
  readonly headers: readonly (readonly [name: string, values: readonly string[]])[];
  /** True if the configured headers permit other origins. Then OPTIONS is answered without credentials. */
  readonly answersPreflight: boolean;
  /** Proxies whose X-Forwarded-* and Forwarded headers are trusted. */
  readonly proxies: Networks;
  /** Opens the client's facts from another of our services. */
  readonly seal: ClientSeal | undefined;
  /** Identifies clients by their certificates (`auth.certificate`). */
  readonly certificates: ClientCertificates | undefined;
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
    certificates,
    traced = true,
  }: FrontOptions = {}) {
    this.headers = Object.entries(headers);
    this.answersPreflight = this.headers.some(([name]) => /^access-control-/i.test(name));
    this.proxies = new Networks(trustedProxies);
    this.seal = seal;
    this.certificates = certificates;
    this.traced = traced;
    this.#host = host?.replace(/\/+$/, '');
    this.#relativeUrls = relativeUrls;
  }

  /**
   * Returns the registry's address for a client, and the prefix of a Location (`http.host`, `http.relativeurls`).
   * @param certain true if TLS ends here or a trusted proxy names the scheme. Otherwise an unknown proxy may terminate TLS in front of us, and
   * clients would refuse a Location with http://.
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
