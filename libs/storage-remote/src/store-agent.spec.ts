import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesOf, someBytes } from '@longshore/storage/testing';
import { portOf } from '@longshore/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StoreAgents, storeAgents } from './store-agent.ts';

let server: Server;
let agents: StoreAgents;
const bodies = [1, 2, 3].map((seed) => someBytes(2_000_000, seed));
const connections = new Set<number | undefined>();

beforeEach(async () => {
  connections.clear();
  server = createServer((incoming, outgoing) => {
    connections.add(incoming.socket.remotePort);
    if (incoming.url === '/silent') return;
    const number = /\d+/.exec(incoming.url ?? '')?.[0];
    if (number !== undefined) {
      outgoing.end(bodies[Number(number)]);
      return;
    }
    outgoing.write('some');
    if (incoming.url === '/stalls') return;
    const timer = setInterval(() => outgoing.write('.'), 60);
    setTimeout(() => {
      clearInterval(timer);
      outgoing.end('all');
    }, 450);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  agents = storeAgents({ stall: 150 });
});

afterEach(() => {
  agents.http.destroy();
  agents.https.destroy();
  server.closeAllConnections();
  server.close();
});

async function chunksOf(path: string): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await opened(path)) chunks.push(chunk);
  return chunks;
}

async function get(path: string): Promise<string> {
  return String(await bytesOf(await opened(path)));
}

async function opened(path: string): Promise<AsyncIterable<Uint8Array>> {
  const port = portOf(server.address());
  const asked = request({ host: '127.0.0.1', port, path, agent: agents.http }).end();
  const answer = Promise.withResolvers<AsyncIterable<Uint8Array>>();
  asked.on('response', answer.resolve).on('error', answer.reject);
  return answer.promise;
}

describe('storeAgents', () => {
  it.each(['/silent', '/stalls'])('close a connection that is silent for too long: %s', async (path) => {
    const began = performance.now();
    await expect(get(path)).rejects.toThrow(/silent|aborted/);
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it('close a connection that nobody uses, and open another', async () => {
    await get('/0');
    await sleep(300);
    await get('/0');
    expect(connections.size).toBe(2);
  });

  it('keep a slow connection that makes progress, and use it again', async () => {
    expect(await get('/slow')).toMatch(/^some\.+all$/);
    expect(await get('/slow')).toMatch(/^some\.+all$/);
    expect(connections.size).toBe(1);
  });

  it('give each chunk its own memory, though all connections read into the same', async () => {
    const kept = await Promise.all(bodies.map((_, number) => chunksOf(`/${number}`)));
    for (const [number, body] of bodies.entries())
      expect(Buffer.concat(kept[number] ?? []).equals(body)).toBe(true);
  });

  it('say which CA file cannot be read', () => {
    expect(() => storeAgents({ caFile: '/not/there.pem' })).toThrow('/not/there.pem');
  });
});
