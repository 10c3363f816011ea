import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { portOf } from '@longshore/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { givePartMemory, sendPart, takePartMemory } from './part-memory.ts';

/** More bytes than the kernel accepts from a sender whose receiver does not read. */
const size = 20 * 1024 * 1024;
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const slowDown = 'HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\n\r\n';

let server: Server;
let agent: Agent;
let connections: Socket[];
/** Given back after each test. */
let taken: Buffer[];
let answer: (connection: Socket) => void;

beforeEach(async () => {
  connections = [];
  taken = [];
  agent = new Agent({ keepAlive: true });
  server = createServer({ pauseOnConnect: true }, (connection) => {
    connections.push(connection.on('error', () => undefined));
    answer(connection);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  agent.destroy();
  for (const connection of connections) connection.destroy();
  server.close();
  for (const bytes of taken) givePartMemory(bytes);
});

/** Reads everything before it answers, as a store should. */
function readAll(connection: Socket): void {
  let seen = 0;
  connection.on('data', (chunk) => {
    seen += chunk.byteLength;
    if (seen > size) connection.write(ok);
  });
  connection.resume();
}

async function bodyOf(connection: Socket | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let seen = 0;
  for await (const chunk of connection ?? []) {
    chunks.push(chunk);
    seen += chunk.byteLength;
    if (seen > size) break;
  }
  return Buffer.concat(chunks).subarray(-size);
}

async function put(bytes: Buffer, signal?: AbortSignal): Promise<number | undefined> {
  const headers = { 'content-length': bytes.byteLength };
  const options = { method: 'PUT', headers, agent, ...(signal === undefined ? {} : { signal }) };
  const sent = request({ host: '127.0.0.1', port: portOf(server.address()), ...options });
  const answered = once(sent, 'response');
  sent.on('error', () => undefined).end(bytes);
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}

async function take(wanted = size, signal?: AbortSignal): Promise<Buffer> {
  const bytes = await takePartMemory(wanted, signal);
  taken.push(bytes);
  return bytes;
}

const filled = async (byte: number): Promise<Buffer> => (await take()).fill(byte);

/** Returns a boolean: a failing comparison of buffers would print all 20 MiB. */
async function isNext(bytes: Buffer | undefined, wanted = size): Promise<boolean> {
  return (await take(wanted)).buffer === bytes?.buffer;
}

describe('The memory of a part', () => {
  it('is used again when the part has been sent', async () => {
    answer = readAll;
    const bytes = await filled(1);
    expect(await sendPart(bytes, () => put(bytes))).toBe(200);
    expect(await isNext(bytes)).toBe(true);
  });

  it('is not used again while an attempt that was answered early still sends it', async () => {
    answer = (connection) => (connections.length === 1 ? connection.write(slowDown) : readAll(connection));
    const bytes = await filled(1);
    await sendPart(bytes, async () => {
      expect(await put(bytes)).toBe(503);
      expect(await put(bytes)).toBe(200);
    });
    await filled(2);
    const late = await bodyOf(connections[0]);
    expect(late.equals(Buffer.alloc(size, 1))).toBe(true);
  });

  it('is not used again while an attempt that failed may still send it', async () => {
    answer = (connection) => connection.write(slowDown);
    const bytes = await filled(1);
    const failed = sendPart(bytes, async () => {
      throw new Error(`it answered ${await put(bytes)}`);
    });
    await expect(failed).rejects.toThrow('503');
    expect(await isNext(bytes)).toBe(false);
  });

  it('is not used again right after its request was aborted', async () => {
    answer = () => undefined;
    const bytes = await filled(1);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(sendPart(bytes, () => put(bytes, controller.signal))).rejects.toThrow('aborted');
    expect(await isNext(bytes)).toBe(false);
  });

  it('is not used again if its request was not observed', async () => {
    const bytes = await filled(1);
    await sendPart(bytes, () => Promise.resolve());
    expect(await isNext(bytes)).toBe(false);
  });

  it('serves a part of nearly its size, and is kept only up to a limit', async () => {
    const twelve = 12 * 1024 * 1024;
    const kept = await Promise.all([1, 2, 3, 4].map(() => take(twelve)));
    for (const bytes of kept) givePartMemory(bytes);
    expect(await isNext(kept[3], twelve / 2)).toBe(false);
    expect(await isNext(kept[3], twelve - 5)).toBe(true);
    expect(await isNext(kept[2], twelve)).toBe(true);
    expect(await isNext(kept[1], twelve)).toBe(true);
    expect(await isNext(kept[0], twelve)).toBe(false);
  });
});

describe('When parts use all their memory', () => {
  const tenth = 10 * 1024 * 1024;
  let all: Buffer[];

  beforeEach(async () => {
    all = await Promise.all([1, 2, 3, 4, 5, 6].map(() => take(tenth)));
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('the next parts get freed memory in the order of their requests', async () => {
    const order: string[] = [];
    const first = take(tenth).then((bytes) => (order.push('first'), bytes));
    const second = take(tenth).then(() => order.push('second'));
    await setImmediate();
    expect(order).toEqual([]);
    givePartMemory(all[3] ?? Buffer.alloc(0));
    expect((await first).buffer === all[3]?.buffer).toBe(true);
    expect(order).toEqual(['first']);
    givePartMemory(all[4] ?? Buffer.alloc(0));
    await second;
  });

  it('a small part does not wait', async () => {
    await expect(take(100_000)).resolves.toHaveLength(100_000);
  });

  it('slow clients do not block the others for long', async () => {
    vi.useFakeTimers();
    let got = false;
    const next = take(tenth).then(() => (got = true));
    await vi.advanceTimersByTimeAsync(4900);
    expect(got).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    await next;
  });

  it('a slow store gets no additional memory', async () => {
    vi.useFakeTimers();
    const slow = Promise.withResolvers<void>();
    const sending = all.slice(0, 2).map((bytes) => sendPart(bytes, () => slow.promise));
    let got = false;
    const next = take(tenth).then(() => (got = true));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(got).toBe(false);
    slow.resolve();
    await Promise.all(sending);
    await vi.advanceTimersByTimeAsync(5_000);
    await next;
  });

  it('an aborted waiter does not block those after it', async () => {
    const controller = new AbortController();
    const first = take(tenth, controller.signal);
    const second = take(tenth);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    givePartMemory(all[0] ?? Buffer.alloc(0));
    await expect(second).resolves.toHaveLength(tenth);
  });
});
