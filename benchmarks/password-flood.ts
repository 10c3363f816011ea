/*
 * Measures what a flood of wrong passwords takes from manifest GETs, and from logins of others. Windows of a few seconds in turn: nothing else; as
 * many requests without credentials (the control: what answering them costs); wrong passwords, each with another name.
 *
 *   npm run build && npx node benchmarks/password-flood.ts [standalone | cluster] [one | many] [requests per second, default 24] [rounds, default 16]
 *
 * `one`: the flood has one address; `many`: each request has another one. Four clients with a token get a manifest as fast as it is answered, on a
 * thread of their own. Each second an account that has not logged in before does so from a new address. Linux only: the addresses are those of
 * the loopback network.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { hashSync } from 'bcryptjs';
import { type Form, type Registry, startRegistry, temporaryHome } from '../e2e/src/runner/registry.ts';

interface Pulls {
  readonly origin: string;
  readonly path: string;
  readonly token: string;
}

const windowMs = 1_500;
const pullers = 4;

interface Call {
  readonly origin: string;
  readonly path: string;
  readonly method?: string;
  readonly from?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const ownConnection = new Agent();

async function call(asked: Call): Promise<{ status: number; body: string; ms: number }> {
  const began = performance.now();
  const { origin, path, method = 'GET', from, headers = {}, body } = asked;
  const sent = request(origin + path, {
    method,
    headers,
    ...(from === undefined ? { agent } : { agent: ownConnection, localAddress: from }),
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, body: text, ms: performance.now() - began };
}

/** The thread of the pulls: answers each message with the number of manifests that it got in a window. */
function pullOnAsking({ origin, path, token }: Pulls): void {
  parentPort?.on('message', () => {
    const end = performance.now() + windowMs;
    let count = 0;
    const pull = async (): Promise<void> => {
      while (performance.now() < end) {
        const { status } = await call({ origin, path, headers: { authorization: `Bearer ${token}` } });
        if (status !== 200) throw new Error(`a manifest was answered with ${status}`);
        count += 1;
      }
    };
    void Promise.all(Array.from({ length: pullers }, pull)).then(() => parentPort?.postMessage(count, []));
  });
}

const basic = (name: string, password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

/** Calls `each` at a fixed rate for a window, and waits for the answers. */
async function pace(perSecond: number, each: () => Promise<void>): Promise<void> {
  const calls: Promise<void>[] = [];
  const began = performance.now();
  for (let index = 0; index < (perSecond * windowMs) / 1000; index++) {
    calls.push(each());
    await sleep(Math.max(0, began + ((index + 1) * 1000) / perSecond - performance.now()));
  }
  await Promise.all(calls);
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const quantile = (values: readonly number[], share: number): number =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

class Bench {
  readonly #registry: Registry;
  readonly #many: boolean;
  readonly #rate: number;
  readonly statuses = new Map<string, number>();
  readonly logins = new Map<string, number[]>();
  readonly failedLogins = new Map<string, number>();
  #names = 0;
  #accounts = 0;
  #places = 0;

  constructor(registry: Registry, { many, rate }: { readonly many: boolean; readonly rate: number }) {
    this.#registry = registry;
    this.#many = many;
    this.#rate = rate;
  }

  async begin(): Promise<Worker> {
    const { origin } = this.#registry;
    const scope = 'repository:bench/app:pull,push';
    const { body: answer } = await call({
      origin,
      path: `/auth/token?service=longshore&scope=${scope}`,
      headers: basic('u', 'p'),
    });
    const { access_token: token } = JSON.parse(answer);
    const path = '/v2/bench/app/manifests/latest';
    const type = 'application/vnd.oci.image.index.v1+json';
    const { status } = await call({
      origin,
      path,
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [] }),
    });
    if (status !== 201) throw new Error(`the push was answered with ${status}`);
    const data: Pulls = { origin, path, token };
    return new Worker(new URL(import.meta.url), { workerData: data });
  }

  /** @returns manifests per second */
  async window(kind: string, pulls: Worker): Promise<number> {
    pulls.postMessage('', []);
    const counted = once(pulls, 'message');
    await Promise.all([this.#disturb(kind), pace(1, () => this.#login(kind))]);
    const [count] = await counted;
    return Number(count) / (windowMs / 1000);
  }

  async #disturb(kind: string): Promise<void> {
    if (kind === 'alone') return;
    const { origin } = this.#registry;
    await pace(this.#rate, async () => {
      const headers = kind === 'control' ? {} : basic(`x${this.#names++}`, 'wrong');
      const from = this.#many ? this.#place() : '127.0.0.9';
      const { status } = await call({ origin, path: '/v2/', from, headers });
      const key = `${kind} ${status}`;
      this.statuses.set(key, (this.statuses.get(key) ?? 0) + 1);
    });
  }

  async #login(kind: string): Promise<void> {
    const { origin } = this.#registry;
    const headers = basic(`u${this.#accounts++}`, 'p');
    const { status, ms } = await call({
      origin,
      path: '/auth/token?service=longshore',
      from: this.#place(),
      headers,
    });
    if (status === 200) this.logins.set(kind, [...(this.logins.get(kind) ?? []), ms]);
    else this.failedLogins.set(`${kind} ${status}`, (this.failedLogins.get(`${kind} ${status}`) ?? 0) + 1);
  }

  /** An address that nothing came from before. */
  #place(): string {
    const place = ++this.#places;
    return `127.${1 + (place >> 16)}.${(place >> 8) & 255}.${place & 255}`;
  }
}

const ratios = (name: string, values: readonly number[]): string =>
  `${name}: median ${quantile(values, 0.5).toFixed(3)}, quartiles ${quantile(values, 0.25).toFixed(3)}–${quantile(values, 0.75).toFixed(3)}, ${values.length} rounds`;

async function measure(form: Form, bench: Bench, rounds: number): Promise<void> {
  const kinds = ['alone', 'control', 'flood'];
  const pulls = await bench.begin();
  await bench.window('alone', pulls);
  const rates = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round++) {
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed())
      rates.get(kind)?.push(await bench.window(kind, pulls));
  }
  await pulls.terminate();
  const of = (kind: string): number[] => rates.get(kind) ?? [];
  console.log(form);
  for (const kind of kinds) {
    const times = bench.logins.get(kind) ?? [];
    console.log(
      `  ${kind.padEnd(8)} ${of(kind).map(Math.round).join(', ')} GET/s; ${times.length} logins, p50 ${Math.round(quantile(times, 0.5))} ms, p99 ${Math.round(quantile(times, 0.99))} ms`,
    );
  }
  const against = (base: string): number[] =>
    of('flood').map((rate, round) => rate / (of(base)[round] ?? Number.NaN));
  console.log(`  ${ratios('flood / alone', against('alone'))}`);
  console.log(`  ${ratios('flood / control', against('control'))}`);
  console.log(`  answers: ${[...bench.statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}`);
  console.log(
    `  failed logins: ${[...bench.failedLogins].map(([status, count]) => `${status}: ${count}`).join(', ') || 'none'}`,
  );
}

async function main(): Promise<void> {
  const [named = 'standalone', addresses = 'one', rate = 24, rounds = 16] = process.argv.slice(2);
  const form = named === 'cluster' ? 'cluster' : 'standalone';
  const home = await temporaryHome();
  const hash = hashSync('p', 10);
  const names = ['u', ...Array.from({ length: 2_000 }, (_, index) => `u${index}`)];
  const htpasswd = join(home, 'htpasswd');
  writeFileSync(htpasswd, names.map((name) => `${name}:${hash}`).join('\n'));
  const registry = await startRegistry({
    form,
    home,
    environment: {
      REGISTRY_AUTH_HTPASSWD_PATH: htpasswd,
      REGISTRY_AUTH_TOKEN: '{}',
      REGISTRY_LOG_LEVEL: 'error',
      REGISTRY_LOG_ACCESSLOG_DISABLED: 'true',
    },
  });
  try {
    await measure(
      form,
      new Bench(registry, { many: addresses === 'many', rate: Number(rate) }),
      Number(rounds),
    );
  } finally {
    agent.destroy();
    await registry.stop();
    await registry.discard();
  }
}

if (isMainThread) await main();
else pullOnAsking(workerData);
