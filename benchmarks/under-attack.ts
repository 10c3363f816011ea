import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blobOf, type Blob, RegistryClient, tinyImage } from '@longshore/testing';
import { processesBelow } from '../e2e/src/support/processes.ts';
import { type Registry, startRegistry } from '../e2e/src/runner/registry.ts';

export interface ServiceProcess {
  readonly name: string;
  readonly replica: number;
  readonly pid: number;
  readonly http?: string;
  readonly debug: string;
}

/** A cluster with content to pull. */
export interface Victim {
  readonly registry: Registry;
  readonly origin: string;
  readonly client: RegistryClient;
  readonly repository: string;
  readonly large: Blob;
  readonly processes: (name: string) => Promise<readonly ServiceProcess[]>;
}

const repository = 'attacked/app';

/** Milliseconds until other clients give up on an answer. */
const given = 60_000;

/** Starts two replicas of each service, NATS, Postgres and a balancer, as `npm run cluster` does. */
async function startVictim(largeBytes: number): Promise<Victim> {
  const registry = await startRegistry({
    form: 'cluster',
    environment: { REGISTRY_LOG_ACCESSLOG_DISABLED: 'true', REGISTRY_LOG_LEVEL: 'error' },
  });
  const client = new RegistryClient(registry.origin);
  const large = blobOf(randomBytes(largeBytes));
  await client.pushBlob(repository, large);
  await client.pushImage(repository, tinyImage({ content: 'attacked' }), 'latest');
  return {
    registry,
    origin: registry.origin,
    client,
    repository,
    large,
    processes: async (name) => {
      const all: ServiceProcess[] = JSON.parse(
        await readFile(join(registry.home, 'cluster/processes.json'), 'utf8'),
      );
      return all.filter((one) => one.name === name);
    },
  };
}

const signal = (): AbortSignal => AbortSignal.timeout(given);

async function statusOf(origin: string, path: string): Promise<number> {
  const answer = await fetch(origin + path, { signal: signal() });
  await answer.arrayBuffer();
  return answer.status;
}

/** Pushes with POST and PUT, as most clients push a small blob. */
async function pushed(origin: string, { digest, bytes }: Blob): Promise<number> {
  const begun = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, {
    method: 'POST',
    signal: signal(),
  });
  if (begun.status !== 202) return begun.status;
  const place = new URL(begun.headers.get('location') ?? '', origin);
  place.searchParams.set('digest', digest);
  return (await fetch(place, { method: 'PUT', body: new Uint8Array(bytes), signal: signal() })).status;
}

interface Sample {
  readonly ms: number;
  readonly ok: boolean;
}

/** Well-behaved clients during the attack: each kind of request, ten times a second in all. */
class OtherClients {
  readonly #samples = new Map<string, Sample[]>();
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;

  constructor({ origin }: Victim) {
    const small = blobOf(Buffer.from('attacked'));
    const kinds: readonly (readonly [string, () => Promise<number>])[] = [
      ['manifest GET', () => statusOf(origin, `/v2/${repository}/manifests/latest`)],
      ['blob GET', () => statusOf(origin, `/v2/${repository}/blobs/${small.digest}`)],
      ['blob push', () => pushed(origin, blobOf(randomBytes(1024)))],
    ];
    void pushed(origin, small).catch(() => undefined);
    this.#timer = setInterval(() => {
      const kind = kinds[this.#turn++ % kinds.length];
      if (kind === undefined) return;
      const asking = this.#ask(...kind).finally(() => this.#pending.delete(asking));
      this.#pending.add(asking);
    }, 100);
  }

  /** Waits for running requests. @returns a row of the table for each kind */
  async end(phase: string): Promise<string[]> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    return [...this.#samples].map(([kind, samples]) => {
      const times = samples
        .filter(({ ok }) => ok)
        .map(({ ms }) => ms)
        .toSorted((one, two) => one - two);
      const at = (part: number): string =>
        `${Math.round(times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN)} ms`;
      const failed = samples.length - times.length;
      const slowest = Math.max(...samples.map(({ ms }) => ms));
      return `| ${phase} | ${kind} | ${samples.length} | ${failed} | ${at(0.5)} | ${at(0.99)} | ${Math.round(slowest)} ms |`;
    });
  }

  async #ask(kind: string, ask: () => Promise<number>): Promise<void> {
    const began = performance.now();
    const answered = ask().catch(() => 0);
    const status = await Promise.race([answered, sleep(given, 0)]);
    const samples = this.#samples.get(kind) ?? [];
    samples.push({ ms: performance.now() - began, ok: status === 200 || status === 201 });
    this.#samples.set(kind, samples);
  }
}

/** Watches the memory of each kind of process, the largest of its replicas: at the start, and at its peak. MiB. */
class MemoryWatch {
  readonly #pid: number;
  readonly #before = new Map<string, number>();
  readonly #peak = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();

  private constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => {
      this.#looking = this.#look(this.#peak);
    }, 1_000);
  }

  static async begin({ registry }: Victim): Promise<MemoryWatch> {
    const watch = new MemoryWatch(registry.pid);
    await watch.#look(watch.#before);
    return watch;
  }

  async end(): Promise<string[]> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#look(this.#peak);
    return [...this.#peak]
      .filter(([name]) => name.startsWith('longshore-'))
      .toSorted(([one], [two]) => one.localeCompare(two))
      .map(
        ([name, peak]) =>
          `| ${name} | ${Math.round(this.#before.get(name) ?? 0)} MiB | ${Math.round(peak)} MiB |`,
      );
  }

  async #look(into: Map<string, number>): Promise<void> {
    for (const { name, residentMiB } of await processesBelow(this.#pid)) {
      const service = /longshore-[a-z-]+/.exec(name)?.[0] ?? name.split(' ')[0] ?? '';
      into.set(service, Math.max(into.get(service) ?? 0, residentMiB));
    }
  }
}

export interface Attack {
  readonly name: string;
  readonly largeBytes?: number;
  /** Starts the attack and observes it. @returns how to end it, and the result to print */
  readonly begin: (
    victim: Victim,
  ) => Promise<{ end: () => Promise<unknown>; told?: () => string | Promise<string> }>;
  /** Seconds that it lasts. */
  readonly seconds: number;
}

/** Runs an attack on a fresh cluster. Prints the latency of other clients and the memory of the processes, before the attack and during it. */
export async function attack({ name, largeBytes = 1024, begin, seconds }: Attack): Promise<void> {
  const victim = await startVictim(largeBytes);
  try {
    const before = new OtherClients(victim);
    await sleep(10_000);
    const rows = await before.end('before');
    const memory = await MemoryWatch.begin(victim);
    const others = new OtherClients(victim);
    const { end, told } = await begin(victim);
    await sleep(seconds * 1_000);
    const about = told === undefined ? name : `${name}: ${await told()}`;
    rows.push(...(await others.end('meanwhile')));
    const memories = await memory.end();
    console.log(`\n${about}\n`);
    console.log(
      '| phase | other clients | requests | without an answer of 2xx | p50 | p99 | slowest |\n| - | - | - | - | - | - | - |',
    );
    console.log(rows.join('\n'));
    console.log(`\n| process | before | peak |\n| - | - | - |\n${memories.join('\n')}`);
    await end();
  } finally {
    await victim.registry.stop();
    await victim.registry.discard();
  }
}
