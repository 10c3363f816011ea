import { objectKey, type ObjectKey, type StorageDriver, type Upload } from '@longshore/storage';
import { bytesOf, inChunks, someBytes } from '@longshore/storage/testing';
import {
  type Fault,
  type FaultProxy,
  type S3Server,
  startFaultProxy,
  startVersitygw,
} from '@longshore/testing/stores';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openS3 } from './testing/open-s3.ts';

const bytes = someBytes(25_000_000);
let server: S3Server;
let proxy: FaultProxy;
let driver: StorageDriver;
let count = 0;

beforeAll(async () => {
  server = await startVersitygw();
  proxy = await startFaultProxy(server.endpoint);
  const { accessKey: accesskey, secretKey: secretkey, region, bucket } = server;
  driver = await openS3({ accesskey, secretkey, region, bucket, regionendpoint: proxy.origin });
});

afterEach(() => (proxy.fault = undefined));

afterAll(async () => {
  await driver.close();
  await proxy.stop();
  await server.stop();
});

const newKey = (): ObjectKey => objectKey(`uploads/${count++}`);
const refusal = (status: number, code: string, headers: Record<string, string> = {}): Fault => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/xml', ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>as told</Message></Error>`,
});

async function push(key: ObjectKey, size = bytes.byteLength): Promise<Upload> {
  const appended = await driver.append({ key, offset: 0, state: null }, inChunks(bytes.subarray(0, size)));
  const upload = { key, ...appended };
  await driver.commit(upload, key);
  return upload;
}

async function isWhole(key: ObjectKey, size = bytes.byteLength): Promise<boolean> {
  return (await bytesOf(await driver.read(key))).equals(bytes.subarray(0, size));
}

/** Makes every nth request meet the fault. */
function everyNth(nth: number, fault: Fault, pattern = /./): void {
  let seen = 0;
  proxy.fault = ({ method, url }) =>
    pattern.test(`${method} ${url}`) && ++seen % nth === 0 ? fault : undefined;
}

describe('The S3 driver, when', () => {
  it.each([
    ['half of all calls are told to slow down', 2, refusal(503, 'SlowDown')],
    ['calls are asked to wait', 3, refusal(503, 'SlowDown', { 'retry-after': '1' })],
    ['calls are refused before they are read', 2, { ...refusal(503, 'SlowDown'), early: true }],
    ['the service fails', 3, refusal(500, 'InternalError')],
    ['connections are reset', 3, { kind: 'reset' }],
    ['answers are lost', 3, { kind: 'loseAnswer' }],
    ['requests are cut', 4, { kind: 'cutRequest', after: 100_000 }],
  ] as const)('%s: pushes and reads without a wrong byte', { timeout: 120_000 }, async (_, nth, fault) => {
    everyNth(nth, fault);
    const large = newKey();
    const small = newKey();
    await Promise.all([push(large), push(small, 5000)]);
    expect(await isWhole(large)).toBe(true);
    expect(await isWhole(small, 5000)).toBe(true);
    proxy.fault = undefined;
    for await (const { key } of driver.leftovers()) await driver.clear(key);
    expect(await isWhole(large)).toBe(true);
  });

  it('answers break off: continues reading there', async () => {
    const key = newKey();
    await push(key);
    everyNth(1, { kind: 'cutAnswer', after: 3_000_000 }, /^GET/);
    expect(await isWhole(key)).toBe(true);
  });

  it('a completion fails after its status 200: completes again', async () => {
    const key = newKey();
    let failures = 2;
    const failed = refusal(200, 'InternalError');
    proxy.fault = ({ method, url }) =>
      method === 'POST' && url.includes('uploadId=') && failures-- > 0 ? failed : undefined;
    await push(key);
    expect(failures).toBeLessThan(0);
    expect(await isWhole(key)).toBe(true);
  });

  it('credentials expire: fails at once, and continues with new ones', async () => {
    const key = newKey();
    const before = { key, offset: 0, state: null };
    proxy.requests.length = 0;
    proxy.fault = () => refusal(400, 'ExpiredToken');
    const failure = { kind: 'denied', message: expect.stringContaining('sessiontoken') };
    await expect(driver.append(before, inChunks(bytes))).rejects.toMatchObject(failure);
    expect(proxy.requests.length).toBeLessThan(5);
    proxy.fault = undefined;
    await push(key);
    expect(await isWhole(key)).toBe(true);
  });

  it('the server dies during an upload: continues after the acknowledged bytes', async () => {
    const key = newKey();
    const first = await driver.append(
      { key, offset: 0, state: null },
      inChunks(bytes.subarray(0, 12_000_000)),
    );
    await server.kill();
    const rest = (from: number): AsyncIterable<Uint8Array> => inChunks(bytes.subarray(from));
    await expect(driver.append({ key, ...first }, rest(first.offset))).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await server.restart();
    const second = await driver.append({ key, ...first }, rest(first.offset));
    await driver.commit({ key, ...second }, key);
    expect(await isWhole(key)).toBe(true);
  });

  it('a put arrives late: does not change a committed object', async () => {
    const key = newKey();
    const stale = { key, offset: 0, state: null };
    await push(key, 3_000_000);
    // Repeats a request, as if the first one had been given up and arrived late.
    const late = await driver.append(stale, inChunks(someBytes(1000, 9)));
    expect(await isWhole(key, 3_000_000)).toBe(true);
    expect(late.offset).toBe(1000);
  });
});
