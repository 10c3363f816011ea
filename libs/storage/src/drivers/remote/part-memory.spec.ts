import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { givePartMemory, sendPart, takePartMemory } from './part-memory.ts';

/** More than the kernel takes from a sender whose receiver sleeps. */
const size = 20 * 1024 * 1024;
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const slowDown = 'HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\n\r\n';

let server: Server;
let agent: Agent;
let connections: Socket[];
let answer: (connection: Socket) => void;

beforeEach(async () => {
  connections = [];
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
});

/** Reads all and answers then, as a store should. */
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
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const headers = { 'content-length': bytes.byteLength };
  const options = { method: 'PUT', headers, agent, ...(signal === undefined ? {} : { signal }) };
  const sent = request({ host: '127.0.0.1', port: address.port, ...options });
  const answered = once(sent, 'response');
  sent.on('error', () => undefined).end(bytes);
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}

function filled(byte: number): Buffer {
  return takePartMemory(size).fill(byte);
}

/** Told as a boolean: what is compared otherwise is printed when it differs, all 20 MiB of it. */
function isNext(bytes: Buffer | undefined, wanted = size): boolean {
  return takePartMemory(wanted).buffer === bytes?.buffer;
}

describe('The memory of a part', () => {
  it('is used again when the part has been sent', async () => {
    answer = readAll;
    const bytes = filled(1);
    expect(await sendPart(bytes, () => put(bytes))).toBe(200);
    expect(isNext(bytes)).toBe(true);
  });

  it('is not, while an attempt that was answered early still sends it', async () => {
    answer = (connection) => (connections.length === 1 ? connection.write(slowDown) : readAll(connection));
    const bytes = filled(1);
    await sendPart(bytes, async () => {
      expect(await put(bytes)).toBe(503);
      expect(await put(bytes)).toBe(200);
    });
    filled(2);
    const late = await bodyOf(connections[0]);
    expect(late.equals(Buffer.alloc(size, 1))).toBe(true);
  });

  it('is not, while an attempt that failed may still send it', async () => {
    answer = (connection) => connection.write(slowDown);
    const bytes = filled(1);
    const failed = sendPart(bytes, async () => {
      throw new Error(`it answered ${await put(bytes)}`);
    });
    await expect(failed).rejects.toThrow('503');
    expect(isNext(bytes)).toBe(false);
  });

  it('is not, right after its sending was cut', async () => {
    answer = () => undefined;
    const bytes = filled(1);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(sendPart(bytes, () => put(bytes, controller.signal))).rejects.toThrow('aborted');
    expect(isNext(bytes)).toBe(false);
  });

  it('is not, when nobody saw how it was sent', async () => {
    const bytes = filled(1);
    await sendPart(bytes, () => Promise.resolve());
    expect(isNext(bytes)).toBe(false);
  });

  it('serves a part of nearly its size, and is not kept beyond a limit', () => {
    const kept = [1, 2, 3].map(() => takePartMemory(size));
    for (const bytes of kept) givePartMemory(bytes);
    expect(isNext(kept[2], size / 2)).toBe(false);
    expect(isNext(kept[2], size - 5)).toBe(true);
    expect(isNext(kept[1])).toBe(true);
    expect(isNext(kept[0])).toBe(false);
  });
});
