import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { parseDigest, parseRepositoryName } from '@longshore/oci';
import { afterAll, afterEach, expect, it } from 'vitest';
import { Database } from './database.ts';
import { ensureRepository } from './repositories/repositories.ts';
import { migratedDatabase } from './testing/index.ts';
import { transact } from './transact.ts';

const postgres = await migratedDatabase();
const server = new URL(postgres.url);
const key = { repository: parseRepositoryName('team/app'), digest: parseDigest(`sha256:${'a'.repeat(64)}`) };

/** A Postgres that stops in the middle of its work, like a stopped process or a hanging disk: connections stay open, no data moves. */
const sockets = new Set<Socket>();
let stalls = false;
const relay = createServer((client) => {
  const upstream = connect(Number(server.port), server.hostname);
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on('data', (bytes) => void to.write(bytes));
    if (stalls) from.pause();
  }
}).listen(0, '127.0.0.1');
await once(relay, 'listening');

function stall(): void {
  stalls = true;
  for (const socket of sockets) socket.pause();
}

function goOn(): void {
  stalls = false;
  for (const socket of sockets) socket.resume();
}

const url = new URL(postgres.url);
const address = relay.address();
url.port = String(typeof address === 'object' ? address?.port : '');
const database = new Database({
  url: url.href,
  poolSize: 2,
  connectTimeoutMs: 500,
  answerTimeoutMs: 500,
  lookupTimeoutMs: 500,
});

afterEach(goOn);
afterAll(async () => {
  await database.close();
  for (const socket of sockets) socket.destroy();
  relay.close();
  await postgres.drop();
});

const unavailable = { name: 'DatabaseUnavailable', status: 503, headers: { 'retry-after': '2' } };

it('is a DatabaseUnavailable for every query, in time, and is used again when it goes on', async () => {
  await database.check();
  await transact(database.db, (tx) => ensureRepository(tx, key.repository));
  stall();
  const asked = [
    ...Array.from({ length: 300 }, () => database.lookups.blob(key)),
    database.lookups.manifest({
      repository: key.repository,
      reference: { kind: 'digest', digest: key.digest },
    }),
    database.check(),
    ...Array.from({ length: 6 }, () => ensureRepository(database.db, key.repository)),
    transact(database.db, (tx) => ensureRepository(tx, key.repository)),
  ];
  const late = Symbol('late');
  const all = Promise.allSettled(asked);
  // Four deadlines: a statement may first wait for a connection, and that for one that hangs.
  const outcomes = await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 15_000, late))]);
  expect(outcomes).not.toBe(late);
  for (const outcome of await all) expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
  goOn();
  // The hanging queries must be given up before others can proceed.
  const again = (): Promise<unknown> => database.lookups.blob(key).catch((error: unknown) => error);
  await expect.poll(again, { timeout: 10_000 }).toBe('blob-unknown');
  expect(await transact(database.db, (tx) => ensureRepository(tx, key.repository))).toBeGreaterThan(0);
});

it('ends a transaction that it stalls in: nothing waits for the ROLLBACK again', async () => {
  let began = 0;
  const working = transact(database.db, async (tx) => {
    await ensureRepository(tx, key.repository);
    stall();
    began = performance.now();
    await ensureRepository(tx, key.repository);
  });
  await expect(working).rejects.toMatchObject(unavailable);
  expect(performance.now() - began).toBeLessThan(5_000);
});
