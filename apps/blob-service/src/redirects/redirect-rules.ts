import type { Configuration, LinearPattern } from '@longshore/configuration';
import { Networks } from '@longshore/service-kit';

export interface Redirectable {
  readonly repository: string;
  readonly method: string;
  readonly address: string;
  readonly userAgent: string;
}

/** The rules for redirecting a client to the store (`storage.redirect`). */
export class RedirectRules {
  readonly #disabled: boolean;
  readonly #head: boolean;
  readonly #repositories: readonly LinearPattern[];
  readonly #clients: Networks;
  readonly #userAgents: readonly LinearPattern[];
  /** Seconds for which a URL is valid. */
  readonly expiresInSeconds: number;

  constructor({ disable, head, expiry, except }: Configuration['storage']['redirect']) {
    this.#disabled = disable;
    this.#head = head;
    this.#repositories = except.repositories;
    this.#clients = new Networks(except.clients);
    this.#userAgents = except.useragents;
    this.expiresInSeconds = expiry / 1000;
  }

  allow({ repository, method, address, userAgent }: Redirectable): boolean {
    return (
      !this.#disabled &&
      (method !== 'HEAD' || this.#head) &&
      !this.#clients.has(address) &&
      !this.#repositories.some((glob) => glob.test(repository)) &&
      !this.#userAgents.some((pattern) => pattern.test(userAgent))
    );
  }
}
