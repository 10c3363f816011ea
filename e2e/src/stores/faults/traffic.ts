import { blobOf, type RegistryClient, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { imageTraffic } from './image-traffic.ts';
import { Journal } from './journal.ts';
import { publish, type Published } from './published.ts';
import { pullTraffic } from './pull-traffic.ts';
import { uploadTraffic } from './upload-traffic.ts';

const pushers = 3;
const uploaders = 2;
const pullers = 2;

/** Clients that push and pull concurrently, and verify every byte. */
export class Traffic {
  readonly journal = new Journal();
  readonly #acknowledged: Promise<Published[][]>;
  readonly #pulls: Promise<void[]>;
  #stopped = false;

  private constructor(client: RegistryClient, pulled: Published, partBytes: number) {
    const { journal } = this;
    const stopped = (): boolean => this.#stopped;
    this.#acknowledged = Promise.all([
      ...times(pushers, () => imageTraffic(client, journal, { name: uniqueRepository('faults'), stopped })),
      ...times(uploaders, () =>
        uploadTraffic(client, journal, { name: uniqueRepository('faults'), partBytes, stopped }),
      ),
    ]);
    const [digest = ''] = pulled.blobs;
    const path = `/v2/${pulled.name}/blobs/${digest}`;
    this.#pulls = Promise.all(times(pullers, () => pullTraffic(client, journal, { path, digest, stopped })));
  }

  /** Rejects if the store already has a fault. */
  static async start(client: RegistryClient, partBytes: number): Promise<Traffic> {
    const place = { name: uniqueRepository('faults'), tag: 'pulled' };
    const pulled = await publish(client, place, blobOf(uniqueBytes(partBytes + 1_000_000)));
    return new Traffic(client, pulled, partBytes);
  }

  /** Resolves with the acknowledged images when every client has finished its current work. */
  async stop(): Promise<Published[]> {
    this.#stopped = true;
    await this.#pulls;
    return (await this.#acknowledged).flat();
  }
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
