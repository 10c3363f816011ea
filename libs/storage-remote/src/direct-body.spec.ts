import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { isLending, type LendingReadable } from '@longshore/storage';
import { someBytes } from '@longshore/storage/testing';
import { portOf } from '@longshore/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readResuming } from './read-resuming.ts';
import { type StoreAgents, storeAgents } from './store-agent.ts';

const bytes = someBytes(12_000_000);
/** Bytes of one read. */
const readBytes = 2 * 1024 * 1024;
const about = { driver: 'test', key: 'a', signal: undefined };

let server: Server;
let agents: StoreAgents;
let starts: number[];
/** The server's connection of the last answer. */
let connection: Socket;
let answer: (outgoing: ServerResponse, start: number) => unknown;
const connections = new Set<number | undefined>();

beforeEach(async () => {
  starts = [];
  connections.clear();
  answer = (outgoing, start) => outgoing.end(bytes.subarray(start));
  server = createServer((incoming, outgoing) => {
    const start = Number(/\d+/.exec(incoming.headers.range ?? '')?.[0] ?? 0);
    starts.push(start);
    connections.add(incoming.socket.remotePort);
    outgoing.setHeader('content-length', bytes.byteLength - start);
    answer(outgoing, start);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  agents = storeAgents({ stall: 2000 });
});

afterEach(() => {
  agents.http.destroy();
  agents.https.destroy();
  server.closeAllConnections();
  server.close();
});

async function get({ start = 0 }: { start?: number | undefined }) {
  const options = {
    host: '127.0.0.1',
    port: portOf(server.address()),
    headers: { range: `bytes=${start}-` },
  };
  const asked = request({ ...options, agent: agents.http }).end();
  const body = await new Promise<IncomingMessage>((resolve, reject) =>
    asked.on('response', resolve).on('error', reject),
  );
  connection = body.socket;
  return { body, size: bytes.byteLength, etag: 'e' };
}

const size = (): Promise<number> => Promise.resolve(bytes.byteLength);

async function opened(): Promise<LendingReadable> {
  const stream = await readResuming({ ...about, range: {} }, { get, size });
  if (!isLending(stream)) throw new Error('it does not lend');
  return stream;
}

interface Lent {
  readonly whole: Buffer;
  /** The buffers of all chunks. */
  readonly memory: Set<ArrayBufferLike>;
}

async function lent(stream: LendingReadable, use: () => Promise<unknown>): Promise<Lent> {
  const chunks: Buffer[] = [];
  const memory = new Set<ArrayBufferLike>();
  await stream.lend(async (chunk) => {
    await use();
    chunks.push(Buffer.from(chunk));
    memory.add(chunk.buffer);
  });
  return { whole: Buffer.concat(chunks), memory };
}

describe('The rest of a large body', () => {
  it.each([
    ['at once', () => Promise.resolve()],
    ['a turn later', () => setImmediate()],
    ['a while later', () => setTimeout(10)],
  ])('is lent in memory that is reused, and is given back %s', async (_, use) => {
    const { whole, memory } = await lent(await opened(), use);
    expect(whole.equals(bytes)).toBe(true);
    // The first chunks come from the parser, each in its own memory.
    expect(memory.size).toBeLessThan(12);
    expect(starts).toEqual([0]);
  });

  it('leaves its memory to the next body', async () => {
    const memory = new Set<ArrayBufferLike>();
    for (let round = 0; round < 6; round++) {
      const { memory: used } = await lent(await opened(), () => setImmediate());
      for (const piece of used) if (piece.byteLength > 500_000) memory.add(piece);
      await setTimeout(5);
    }
    expect(memory.size).toBeGreaterThan(0);
    expect(memory.size).toBeLessThan(6);
  });

  it('never mixes with other bodies, and is not overwritten while its user is slow', async () => {
    const streams = await Promise.all([1, 2, 3, 4].map(opened));
    const all = await Promise.all(streams.map((stream, at) => lent(stream, () => setTimeout(at * 3))));
    expect(all.map(({ whole }) => whole.equals(bytes))).toEqual([true, true, true, true]);
  });

  it('is not read further while nobody takes its chunks', async () => {
    const stream = await opened();
    const chunks: number[] = [];
    const lending = stream.lend(async (chunk) => {
      chunks.push(chunk.byteLength);
      if (chunks.length === 3) await new Promise(() => undefined);
    });
    await setTimeout(300);
    const taken = chunks.reduce((sum, length) => sum + length);
    // The kernel's buffers hold the rest.
    expect(connection.bytesRead).toBeLessThan(bytes.byteLength);
    expect(connection.bytesRead - taken).toBeLessThan(2 * readBytes);
    stream.destroy();
    await expect(lending).rejects.toThrow('closed before its end');
  });

  it('continues after the last byte when its connection breaks', async () => {
    answer = (outgoing, start) => {
      if (starts.length > 2) outgoing.end(bytes.subarray(start));
      else outgoing.write(bytes.subarray(start, start + 3_000_000), () => outgoing.destroy());
    };
    const { whole } = await lent(await opened(), () => setTimeout(1));
    expect(whole.equals(bytes)).toBe(true);
    expect(starts.length).toBeGreaterThan(2);
  });

  it('does not reuse its memory after its user failed', async () => {
    const stream = await opened();
    const kept: { readonly chunk: Uint8Array; readonly copy: Buffer }[] = [];
    const lending = stream.lend(async (chunk) => {
      kept.push({ chunk, copy: Buffer.from(chunk) });
      if (kept.length === 5) throw new Error('enough');
    });
    await expect(lending).rejects.toThrow('enough');
    expect((await lent(await opened(), () => setImmediate())).whole.equals(bytes)).toBe(true);
    const last = kept.at(-1);
    expect(last?.copy.equals(last.chunk)).toBe(true);
  });

  it('costs its connection; a small body does not', async () => {
    await lent(await opened(), () => setImmediate());
    await setTimeout(10);
    expect(Object.keys(agents.http.freeSockets)).toHaveLength(0);
    answer = (outgoing, start) => outgoing.end(bytes.subarray(start));
    const { body } = await get({ start: bytes.byteLength - 1000 });
    for await (const _ of body);
    await setImmediate();
    expect(Object.keys(agents.http.freeSockets)).toHaveLength(1);
  });

  it('is limited to some connections at a time; stalled readers beyond the limit hold little, and get every byte', async () => {
    const standing = await Promise.all(Array.from({ length: 40 }, opened));
    const goOn = Promise.withResolvers<void>();
    const sizes: number[] = [];
    const all = standing.map(async (stream) => {
      const chunks: Buffer[] = [];
      await stream.lend(async (chunk) => {
        chunks.push(Buffer.from(chunk));
        // The chunks that were read before the direct reads began come first.
        if (chunks.length < 8) return;
        if (chunks.length === 8) sizes.push(chunk.buffer.byteLength);
        await goOn.promise;
      });
      return Buffer.concat(chunks).equals(bytes);
    });
    await expect.poll(() => sizes.length, { timeout: 20_000 }).toBe(40);
    const answers = Promise.all(all);
    // Node's own reads come in addition to the direct ones.
    expect(sizes.filter((one) => one >= readBytes).length).toBeLessThanOrEqual(32);
    goOn.resolve();
    expect(await answers).toEqual(Array.from({ length: 40 }, () => true));
  });
});
