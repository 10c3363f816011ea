import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { runLoop, ServiceLog } from '@longshore/service-kit';
import { Upstreams } from './upstreams.ts';

/** How old what is known of the replicas may be. Milliseconds. */
const interval = 3_000;

/**
 * Keeps the addresses of blob-service up to date: one name may stand for many replicas (a headless Service, a service of Compose), which come and
 * go. Without it a kept connection would never reach a new one.
 */
@Injectable()
export class ReplicaWatch implements OnModuleInit, OnApplicationShutdown {
  readonly #stop = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(
    private readonly upstreams: Upstreams,
    private readonly log: ServiceLog,
  ) {}

  onModuleInit(): void {
    if (this.upstreams.configured.every((url) => !mayBeMany(url))) return;
    this.#watching = runLoop({
      step: async () => {
        this.upstreams.replace(await addressesOf(this.upstreams.configured));
        return 'idle';
      },
      interval,
      signal: this.#stop.signal,
      failed: (fault) => this.log.error(fault, 'the addresses of blob-service cannot be found'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }
}

/** With TLS the name is what the certificate is for: it stays. */
function mayBeMany(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && isIP(hostname.replaceAll(/[[\]]/g, '')) === 0;
}

/** @throws Error of the resolver, when a name has no address */
async function addressesOf(urls: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    urls.map(async (url) => {
      if (!mayBeMany(url)) return [url];
      const { hostname, port } = new URL(url);
      const addresses = await lookup(hostname, { all: true });
      return addresses.map(({ address, family }) => {
        const host = family === 6 ? `[${address}]` : address;
        return `http://${host}:${port === '' ? '80' : port}`;
      });
    }),
  );
  return [...new Set(found.flat())].toSorted();
}
