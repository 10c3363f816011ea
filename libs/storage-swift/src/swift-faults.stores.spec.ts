import { randomUUID } from 'node:crypto';
import { driverParameters, type ObjectKey } from '@longshore/storage';
import { bytesOf, inChunks, newKey, someBytes } from '@longshore/storage/testing';
import {
  type Fault,
  type FaultProxy,
  type ProxiedRequest,
  startFaultProxy,
  startSwift,
  type TempauthSwift,
} from '@longshore/testing/stores';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SwiftDriver } from './swift-driver.ts';
import { swiftParameters } from './swift-parameters.ts';

const mebibyte = 1024 * 1024;
const prefix = randomUUID();
let server: TempauthSwift;
let proxy: FaultProxy;
let driver: SwiftDriver;

function open(parameters: object = {}): SwiftDriver {
  return new SwiftDriver(
    driverParameters(swiftParameters, {
      authurl: proxy.origin + new URL(server.authUrl).pathname,
      username: server.username,
      password: server.password,
      container: server.container,
      prefix,
      chunksize: 2 * mebibyte,
      ...parameters,
    }),
    { stall: 1000 },
  );
}

beforeAll(async () => {
  server = await startSwift();
  proxy = await startFaultProxy(new URL(server.authUrl).origin);
  driver = open();
  await driver.put(newKey(), someBytes(1));
});
afterAll(async () => {
  await driver.close();
  await proxy.stop();
  await server.stop();
});
afterEach(() => void (proxy.fault = undefined));

/** Makes the first `times` matching requests for a key meet the fault. @returns a function that counts the matching requests */
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

describe('Swift, meaning of answers', () => {
  it('looks twice for an object that is reported absent: for its size and for its bytes', async () => {
    const key = await stored(5000);
    const heads = inTheWay({ method: 'HEAD', key }, { kind: 'answer', status: 404 });
    expect((await driver.stat(key)).size).toBe(5000);
    expect(heads()).toBe(2);
    const gets = inTheWay({ method: 'GET', key }, { kind: 'answer', status: 404 });
    expect((await bytesOf(await driver.read(key))).equals(someBytes(5000))).toBe(true);
    expect(gets()).toBe(2);
  });

  it('reports it as absent if it is', async () => {
    const key = newKey();
    const heads = inTheWay({ method: 'HEAD', key, times: 0 }, { kind: 'reset' });
    await expect(driver.stat(key)).rejects.toMatchObject({ kind: 'absent' });
    expect(heads()).toBe(2);
  });

  it('clears nothing of a large object that is reported absent while it is replaced', async () => {
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

  it('does not repeat a refused request', async () => {
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
  ] satisfies [string, Fault][])('continues reading after an answer that %s', async (_, fault) => {
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

  it.each([
    ['all of it', { status: 200 }],
    ['bytes from elsewhere', { status: 206, headers: { 'content-range': 'bytes 0-9/5000' } }],
  ])('does not accept %s instead of the requested range', async (_, answer) => {
    const key = await stored(5000);
    const lie: Fault = { kind: 'answer', body: 'x'.repeat(10), ...answer };
    inTheWay({ method: 'GET', key, times: 9 }, lie);
    await expect(driver.read(key, { start: 100, end: 109 })).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it.each([498, 503])('says throttled, and how long to wait, when the answer stays %d', async (status) => {
    proxy.fault = () => ({ kind: 'answer', status, headers: { 'retry-after': '30' } });
    const failure = { kind: 'throttled', retryAfterSeconds: 30 };
    await expect(driver.stat(newKey())).rejects.toMatchObject(failure);
  });

  it('does not report an object as absent if the account is missing', async () => {
    const elsewhere = open({ container: 'not-yet-there' });
    proxy.fault = ({ method, url }) =>
      method === 'PUT' && url.endsWith('/not-yet-there') ? { kind: 'answer', status: 404 } : undefined;
    await expect(elsewhere.stat(newKey())).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('see storage.swift: container, '),
    });
    await elsewhere.close();
  });

  it('never mixes the bytes of two objects', async () => {
    const key = await stored(mebibyte);
    inTheWay({ method: 'GET', key }, { kind: 'cutAnswer', after: 300_000 });
    const stream = await driver.read(key);
    await driver.put(key, someBytes(mebibyte, 2));
    await expect(bytesOf(stream)).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

describe('Swift, when it is away', () => {
  it('is unavailable, and an upload continues after the acknowledged bytes when it is back', async () => {
    const key = newKey();
    const bytes = someBytes(7 * mebibyte);
    const first = await driver.append(
      { key, offset: 0, state: null },
      inChunks(bytes.subarray(0, 5 * mebibyte)),
    );
    await server.kill();
    const rest = (): AsyncIterable<Uint8Array> => inChunks(bytes.subarray(first.offset));
    await expect(driver.append({ key, ...first }, rest())).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(driver.stat(key)).rejects.toMatchObject({ kind: 'unavailable' });
    await server.restart();
    await driver.commit({ key, ...(await driver.append({ key, ...first }, rest())) });
    expect((await bytesOf(await driver.read(key))).equals(bytes)).toBe(true);
    await driver.clear(key);
    expect((await bytesOf(await driver.read(key))).equals(bytes)).toBe(true);
  });

  it('is waited for within a call', async () => {
    const key = await stored(5000);
    const patient = open({ maxretries: 50 });
    await server.kill();
    const [found] = await Promise.all([patient.stat(key), server.restart()]);
    expect(found.size).toBe(5000);
    await patient.close();
  });
});
