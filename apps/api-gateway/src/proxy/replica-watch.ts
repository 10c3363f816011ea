import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { runLoop, ServiceLog } from '@longshore/service-kit';
import { hostFor, type Replica, Upstreams } from './upstreams.ts';

/** Milliseconds between two look-ups of the replicas. */
const interval = 3_000;

/**
 * Keeps the addresses of blob-service up to date. One name may stand for many replicas (a headless Service, a service of Compose), which come and go.
 * Without it a kept connection would never reach a new one.
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
        this.upstreams.replace(await replicasOf(this.upstreams.configured));
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

function mayBeMany(url: string): boolean {
  return isIP(new URL(url).hostname.replaceAll(/[[\]]/g, '')) === 0;
}

/** Returns the replicas by their addresses. With TLS each has the name of its certificate. @throws Error of the resolver, if a name has no address */
async function replicasOf(configured: readonly string[]): Promise<Replica[]> {
  const found = await Promise.all(
    configured.map(async (url) => {
      const host = hostFor(url);
      if (!mayBeMany(url)) return [{ origin: url, host }];
      const addresses = await lookup(new URL(url).hostname, { all: true });
      return addresses.map((address) => ({ origin: at(address, url), host }));
    }),
  );
  const byOrigin = new Map(found.flat().map((replica) => [replica.origin, replica]));
  return [...byOrigin.values()].toSorted((a, b) => (a.origin < b.origin ? -1 : 1));
}

function at({ address, family }: LookupAddress, url: string): string {
  const { protocol, port } = new URL(url);
  const host = family === 6 ? `[${address}]` : address;
  return `${protocol}//${host}:${port === '' ? standardPort(protocol) : port}`;
}

function standardPort(protocol: string): string {
  return protocol === 'https:' ? '443' : '80';
}
