import { once } from 'node:events';
import { createServer, type IncomingMessage, request as plainRequest, type Server } from 'node:http';
import { request as secureRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesOf } from '@longshore/storage/testing';
import { portOf } from '@longshore/testing';
import { startTlsFront, type TlsFront } from '@longshore/testing/stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StoreAgents, storeAgents } from './store-agent.ts';

/** Milliseconds. Node's own timeout takes twice as long, so a busy machine may be late by as much as this. */
const stall = 2500;
/** One write of the size of a part: more than the buffers hold between here and a server that does not read. */
const part = Buffer.alloc(48 * 1024 * 1024);
const slowSteps = 30;

let server: Server;
let front: TlsFront;
let plain: StoreAgents;
let secure: StoreAgents;

/** Reads for twice the time that a connection may be silent. */
async function takeSlowly(incoming: IncomingMessage): Promise<void> {
  let taken = 0;
  let wanted = 0;
  incoming.on('data', (chunk: Buffer) => {
    taken += chunk.length;
    if (taken >= wanted) incoming.pause();
  });
  for (let step = 0; step < slowSteps; step += 1) {
    wanted += part.length / slowSteps;
    incoming.resume();
    await sleep((2 * stall) / slowSteps);
  }
  if (!incoming.readableEnded) await once(incoming.resume(), 'end');
}

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    if (incoming.url === '/slow') void takeSlowly(incoming).then(() => outgoing.end('taken'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  front = await startTlsFront(plainOrigin());
  plain = storeAgents({ stall });
  secure = storeAgents({ stall, caFile: front.certificate });
});

afterAll(async () => {
  for (const agents of [plain, secure]) {
    agents.http.destroy();
    agents.https.destroy();
  }
  await front.stop();
  server.closeAllConnections();
  server.close();
});

function plainOrigin(): string {
  return `http://127.0.0.1:${portOf(server.address())}`;
}

async function put(scheme: string, path: string): Promise<string> {
  const method = 'PUT';
  const sent =
    scheme === 'http'
      ? plainRequest(new URL(path, plainOrigin()), { method, agent: plain.http })
      : secureRequest(new URL(path, front.origin), { method, agent: secure.https });
  const answered = Promise.withResolvers<IncomingMessage>();
  sent.on('response', answered.resolve).on('error', answered.reject).end(part);
  return String(await bytesOf(await answered.promise));
}

describe.each(['http', 'https'])('a part that is sent over %s', (scheme) => {
  it('is aborted if the server does not read, as soon as the deadline is over', async () => {
    const began = performance.now();
    await expect(put(scheme, '/never')).rejects.toThrow('the store was silent');
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(stall);
    expect(took).toBeLessThan(2 * stall);
  });

  it('is not aborted while the server reads, however slowly', async () => {
    expect(await put(scheme, '/slow')).toBe('taken');
  });
});
