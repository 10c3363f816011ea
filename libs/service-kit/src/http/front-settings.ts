import { TrustedProxies } from './client-facts.ts';

/** The front's slice of the configuration. */
export class FrontSettings {
  /** Added to every answer (`http.headers`). */
  readonly headers: readonly (readonly [name: string, values: readonly string[]])[];
  readonly proxies: TrustedProxies;

  constructor({
    headers = {},
    trustedProxies = [],
  }: {
    headers?: Readonly<Record<string, readonly string[]>>;
    trustedProxies?: readonly string[];
  } = {}) {
    this.headers = Object.entries(headers);
    this.proxies = new TrustedProxies(trustedProxies);
  }
}
