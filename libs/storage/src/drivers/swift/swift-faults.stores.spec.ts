import { randomUUID } from 'node:crypto';
import {
  type Fault,
  type FaultProxy,
  type ProxiedRequest,
  startFaultProxy,
  startSwift,
  type TempauthSwift,
} from '@longshore/testing/stores';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ObjectKey, objectKey } from '../../object-key.ts';
import { bytesOf, inChunks, someBytes } from '../../testing/bytes.ts';
import { SwiftDriver } from './swift-driver.ts';
import { swiftParameters } from './swift-parameters.ts';

const mebibyte = 1024 * 1024;
let server: TempauthSwift;
let proxy: FaultProxy;
let driver: SwiftDriver;

beforeAll(async () => {
  server = await startSwift();
  proxy = await startFaultProxy(new URL(server.authUrl).origin);
  driver = new SwiftDriver(
    swiftParameters.parse({
      authurl: proxy.origin + new URL(server.authUrl).pathname,
      username: server.username,
      password: server.password,
      container: server.container,
      prefix: randomUUID(),
      chunksize: 2 * mebibyte,
    }),
    { stall: 1000 },
  );
  await driver.put(newKey(), someBytes(1));
});
afterAll(async () => {
  await driver.close();
  await proxy.stop();
  await server.stop();
});
afterEach(() => void (proxy.fault = undefined));

const newKey = (): ObjectKey => objectKey(`uploads/${randomUUID()}`);

/** The fault befalls the first `times` requests of an object that the test names. @returns how many requests it has seen */
function inTheWay(
  { method, key, times = 1 }: { method: string; key: ObjectKey; times?: number },
  fault: Fault,
): () => number {
  let seen = 0;
  proxy.fault = (request: ProxiedRequest) => {
    if (request.method !== method || !decodeURIComponent(request.url).includes(key)) return undefined;
    seen += 1;
    return seen <= times ? fault : undefined;
  };
  return () => seen;
}

async function stored(length: number): Promise<ObjectKey> {
  const key = newKey();
  await driver.put(key, someBytes(length));
  return key;
}

describe('Swift, what an answer means', () => {
  it('looks twice for an object that is said to be absent: for its size and for its bytes', async () => {
    const key = await stored(5000);
    const heads = inTheWay({ method: 'HEAD', key }, { kind: 'answer', status: 404 });
    expect((await driver.stat(key)).size).toBe(5000);
    expect(heads()).toBe(2);
    const gets = inTheWay({ method: 'GET', key }, { kind: 'answer', status: 404 });
    expect((await bytesOf(await driver.read(key))).equals(someBytes(5000))).toBe(true);
    expect(gets()).toBe(2);
  });

  it('and calls it absent when it is', async () => {
    const key = newKey();
    const heads = inTheWay({ method: 'HEAD', key, times: 0 }, { kind: 'reset' });
    await expect(driver.stat(key)).rejects.toMatchObject({ kind: 'absent' });
    expect(heads()).toBe(2);
  });

  it('clears nothing of a large object that is said to be absent while it is replaced', async () => {
    const key = newKey();
    const bytes = someBytes(5 * mebibyte);
    const appended = await driver.append({ key, offset: 0, state: null }, inChunks(bytes));
    await driver.commit({ key, ...appended });
    const heads = inTheWay({ method: 'HEAD', key }, { kind: 'answer', status: 404 });
    await driver.clear(key);
    const seen = heads();
    expect((await bytesOf(await driver.read(key))).equals(bytes)).toBe(true);
    expect(seen).toBe(2);
    proxy.fault = ({ url }) => {
      if (!url.includes('multipart-manifest=get')) return undefined;
      proxy.fault = undefined;
      return { kind: 'answer', status: 404 };
    };
    await driver.clear(key);
    expect((await bytesOf(await driver.read(key))).equals(bytes)).toBe(true);
  });

  it('does not repeat what was refused', async () => {
    const key = newKey();
    const refused = inTheWay(
      { method: 'PUT', key, times: 9 },
      { kind: 'answer', status: 400, body: 'bad name' },
    );
    await expect(driver.put(key, someBytes(10))).rejects.toMatchObject({ kind: 'denied' });
    expect(refused()).toBe(1);
  });

  it.each([
    ['498', { kind: 'answer', status: 498 }],
    ['503', { kind: 'answer', status: 503 }],
    ['500', { kind: 'answer', status: 500 }],
    ['408', { kind: 'answer', status: 408 }],
    ['a reset connection', { kind: 'reset' }],
    ['an answer that is lost', { kind: 'loseAnswer' }],
    ['a token that is good no more', { kind: 'answer', status: 401 }],
  ] satisfies [string, Fault][])('writes in spite of %s', async (_, fault) => {
    const key = newKey();
    const puts = inTheWay({ method: 'PUT', key }, fault);
    await driver.put(key, someBytes(100_000));
    expect(puts()).toBe(2);
    expect((await bytesOf(await driver.read(key))).equals(someBytes(100_000))).toBe(true);
  });

  it.each([
    ['breaks off', { kind: 'cutAnswer', after: 300_000 }],
    ['falls silent', { kind: 'stallAnswer', after: 300_000 }],
  ] satisfies [string, Fault][])('reads on where an answer %s', async (_, fault) => {
    const key = await stored(mebibyte);
    const gets = inTheWay({ method: 'GET', key }, fault);
    expect((await bytesOf(await driver.read(key))).equals(someBytes(mebibyte))).toBe(true);
    expect(gets()).toBe(2);
  });

  it.each([
    ['a request that breaks off', { kind: 'cutRequest', after: 100_000 }],
    ['throttling', { kind: 'answer', status: 503 }],
    ['a token that ends', { kind: 'answer', status: 401 }],
  ] satisfies [string, Fault][])('uploads segments in spite of %s midway', async (_, fault) => {
    const key = newKey();
    const bytes = someBytes(7 * mebibyte);
    let puts = 0;
    proxy.fault = ({ method }) => (method === 'PUT' && ++puts === 2 ? fault : undefined);
    const appended = await driver.append({ key, offset: 0, state: null }, inChunks(bytes));
    await driver.commit({ key, ...appended });
    expect(puts).toBeGreaterThan(4);
    expect((await bytesOf(await driver.read(key))).equals(bytes)).toBe(true);
  });
});
