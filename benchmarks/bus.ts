/*
 * Measures CPU per look-up on the bus, summed over asker, server and nats-server, and throughput.
 *
 *   npm run build && npx node benchmarks/bus.ts [seconds per case, default 3]
 *
 * Without a nats-server only the in-process cases run.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bus, defineRequest, InProcessBus, NatsBus, natsConnector } from '@longshore/messaging';
import { natsServerIsMissing, startNatsServer } from '@longshore/messaging/testing';

interface Question {
  readonly repository: string;
  readonly reference: string;
  readonly payload: boolean;
}
interface Answer {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly payload: Uint8Array;
}

const parties = { servedBy: 'manifest-service', askedBy: ['api-gateway'] } as const;
const batched = defineRequest<Question, Answer>({
  subject: 'bench.batched',
  ...parties,
  deadlineMs: 10_000,
  lookup: true,
});
const single = defineRequest<Question, Answer>({ subject: 'bench.single', ...parties, deadlineMs: 10_000 });
const contracts = { batched, single };

const question: Question = { repository: 'library/alpine', reference: 'v1.2.3', payload: true };
const answer: Answer = {
  digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  size: 1200,
  payload: new Uint8Array(1200).fill(120),
};

// Answers after a turn of the loop, like an answer from a database.
const get = () => new Promise<Answer>((resolve) => void setImmediate(resolve, answer));

async function serveAll(bus: Bus): Promise<void> {
  bus.serve(batched, get);
  bus.serve(single, get);
  await bus.start();
}

const natsBus = (url: string) =>
  new NatsBus(
    natsConnector(
      { servers: [url] },
      {
        name: 'bench',
        largestMessageBytes: 4 * 1024 * 1024,
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      },
    ),
  );

/** Returns the user and system time of another process, in microseconds. Linux only. */
function cpuOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

const cpuHere = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

interface Case {
  readonly name: string;
  readonly bus: Bus;
  readonly contract: typeof batched;
  readonly clients: number;
  readonly others: readonly (number | undefined)[];
}

async function measure({ name, bus, contract, clients, others }: Case, seconds: number): Promise<void> {
  const stop = new AbortController();
  let count = 0;
  const client = async () => {
    while (!stop.signal.aborted) {
      await bus.request(contract, question);
      count += 1;
    }
  };
  const loops = Array.from({ length: clients }, client);
  await sleep(500);
  const before = { count, here: cpuHere(), there: others.map(cpuOf), at: performance.now() };
  await sleep(seconds * 1000);
  const asked = count - before.count;
  const here = (cpuHere() - before.here) / asked;
  const there = others.map((pid, index) => (cpuOf(pid) - (before.there[index] ?? 0)) / asked);
  const total = there.reduce((sum, each) => sum + each, here);
  const rate = asked / ((performance.now() - before.at) / 1000);
  stop.abort();
  await Promise.all(loops);
  const parts = [here, ...there].map((each) => each.toFixed(1)).join(' + ');
  console.log(
    `${name.padEnd(34)} ${String(clients).padStart(4)} clients ${rate.toFixed(0).padStart(8)}/s ${total.toFixed(1).padStart(7)} µs CPU  (${parts})`,
  );
}

async function inProcess(seconds: number): Promise<void> {
  const bus = new InProcessBus();
  await serveAll(bus);
  await measure({ name: 'in process', bus, contract: single, clients: 64, others: [] }, seconds);
  await bus.close();
}

async function overNats(seconds: number): Promise<void> {
  const server = await startNatsServer();
  const serving: ChildProcess = spawn(process.execPath, [...process.execArgv, import.meta.filename], {
    env: { ...process.env, BENCH_NATS: server.url },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(serving, 'message');
  const bus = natsBus(server.url);
  await bus.start();
  for (const clients of [1, 16, 64]) {
    for (const [name, contract] of Object.entries(contracts)) {
      await measure(
        { name: `NATS, ${name}`, bus, contract, clients, others: [serving.pid, server.pid] },
        seconds,
      );
    }
  }
  await bus.close();
  serving.kill();
  await server.dispose();
}

const url = process.env['BENCH_NATS'];
if (url !== undefined) {
  await serveAll(natsBus(url));
  process.send?.('serving');
} else {
  const seconds = Number(process.argv[2] ?? 3);
  await inProcess(seconds);
  if (natsServerIsMissing()) console.log('no nats-server: the NATS cases are left out');
  else await overNats(seconds);
}
