import { randomBytes } from 'node:crypto';
import type { ObjectKey, StorageDriver } from '@longshore/storage';
import { bytesOf, failureOf, newKey } from '@longshore/storage/testing';
import { type OssServer, startOss } from '@longshore/oss-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openOss, pushed } from './testing/oss-subject.ts';

const mebibyte = 1024 * 1024;
const large = randomBytes(12 * mebibyte);

let server: OssServer;
let driver: StorageDriver;
let key: ObjectKey;
const faults: { clear(): void }[] = [];

const fault: OssServer['fault'] = (wanted) => {
  const injected = server.fault(wanted);
  faults.push(injected);
  return injected;
};

beforeAll(async () => {
  server = await startOss();
  driver = openOss(server, { chunksize: 5 * mebibyte, timeout: 1000, maxretries: 8 });
  key = await pushed(driver, large);
});
afterEach(() => {
  for (const injected of faults.splice(0)) injected.clear();
});
afterAll(async () => {
  await driver.close();
  await server.stop();
});

describe('requests', () => {
  it('are one for a small blob and one for its commit, without a copy', async () => {
    server.resetRequests();
    await pushed(driver, randomBytes(1000));
    expect(server.requests()).toEqual({ PutObject: 1, HeadObject: 1 });
    server.resetRequests();
    await pushed(driver, large);
    expect(server.requests()).toEqual({
      InitiateMultipartUpload: 1,
      UploadPart: 3,
      ListParts: 1,
      CompleteMultipartUpload: 1,
    });
  });

  it('ask for encryption by a key if configured', async () => {
    const encrypting = openOss(server, { encrypt: true, encryptionkeyid: 'key-1' });
    const encrypted = await pushed(encrypting, randomBytes(10));
    const url = (await driver.redirect(encrypted, { method: 'HEAD', expiresInSeconds: 60 })) ?? '';
    const { headers } = await fetch(url, { method: 'HEAD' });
    expect(headers.get('x-oss-server-side-encryption-key-id')).toBe('key-1');
    await encrypting.close();
  });
});

describe('a store that fails', () => {
  it.each(['slow-down', 'unavailable', 'reset'] as const)(
    'with %s at every second request loses nothing',
    async (kind) => {
      fault({ kind, every: 2 });
      const pushedKey = await pushed(driver, large);
      expect((await bytesOf(await driver.read(pushedKey))).equals(large)).toBe(true);
    },
  );

  it.each(['reset', 'stall', 'short-body'] as const)(
    'with %s midway is read further from there',
    async (kind) => {
      fault({ kind, operations: ['GetObject'], afterBytes: 3 * mebibyte, times: 2 });
      expect((await bytesOf(await driver.read(key))).equals(large)).toBe(true);
    },
  );

  it('by announcing fewer bytes than there are is not believed', async () => {
    fault({ kind: 'truncated-body', operations: ['GetObject'], afterBytes: 3 * mebibyte, times: 2 });
    expect((await bytesOf(await driver.read(key))).equals(large)).toBe(true);
  });

  it('by stalling a part gets it again', async () => {
    fault({ kind: 'stall', operations: ['UploadPart'], afterBytes: mebibyte, times: 1 });
    const pushedKey = await pushed(driver, large);
    expect((await driver.stat(pushedKey)).size).toBe(large.byteLength);
  });

  it('is reported as throttled while it is busy, and as unavailable while it is away', async () => {
    const impatient = openOss(server, { maxretries: 1 });
    const slow = fault({ kind: 'slow-down' });
    expect(await failureOf(impatient.stat(key))).toMatchObject({
      kind: 'throttled',
      message: expect.stringContaining('SlowDown: Please reduce your request rate.'),
    });
    slow.clear();
    await server.kill();
    expect(await failureOf(impatient.stat(key))).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('see storage.oss: endpoint'),
    });
    await server.restart();
    expect((await impatient.stat(key)).size).toBe(large.byteLength);
    await impatient.close();
  });

  it('by going away during an upload gets the rest later', async () => {
    const half = { key: newKey(), offset: 0, state: null };
    const first = await driver.append(half, once(large.subarray(0, 7 * mebibyte)));
    await server.kill();
    const hasty = openOss(server, { maxretries: 0 });
    expect((await failureOf(hasty.append({ ...half, ...first }, once(large.subarray(0, 10))))).kind).toBe(
      'unavailable',
    );
    await server.restart();
    const all = await driver.append({ ...half, ...first }, once(large.subarray(7 * mebibyte)));
    await driver.commit({ ...half, ...all }, half.key);
    expect((await bytesOf(await driver.read(half.key))).equals(large)).toBe(true);
    await hasty.close();
  });
});

describe('an aborted call', () => {
  it('rejects at once with its reason, even if the store is silent', async () => {
    fault({ kind: 'stall' });
    const reason = new Error('enough');
    const patient = openOss(server, { timeout: 60_000 });
    const signal = AbortSignal.any([AbortSignal.timeout(100)]);
    await expect(patient.stat(key, { signal })).rejects.toThrow(/timeout/);
    const controller = new AbortController();
    const reading = patient.read(key, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    await expect(reading).rejects.toBe(reason);
    await patient.close();
  });
});

describe('check', () => {
  it.each([
    [{ bucket: 'nowhere' }, 'denied', /NoSuchBucket.*see storage\.oss: bucket/],
    [{ accesskeyid: 'LTAIwrong' }, 'denied', /InvalidAccessKeyId.*see storage\.oss: accesskeyid/],
    [{ accesskeysecret: 'wrong' }, 'denied', /SignatureDoesNotMatch.*see storage\.oss: accesskeysecret/],
    [{ region: 'cn-beijing' }, 'denied', /Invalid signing region.*see storage\.oss: region/],
    [{ endpoint: 'http://localhost:1' }, 'unavailable', /ECONNREFUSED.*see storage\.oss: endpoint/],
    [{ endpoint: 'http://nowhere.invalid' }, 'unavailable', /see storage\.oss: endpoint/],
  ])('names the problem with %j', async (parameters, kind, message) => {
    const wrong = openOss(server, { maxretries: 0, ...parameters });
    const failure = await failureOf(wrong.check());
    expect(failure.kind).toBe(kind);
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain(server.accessKeySecret);
    await wrong.close();
  });

  it('reports a missing bucket by a HEAD as well', async () => {
    const wrong = openOss(server, { bucket: 'nowhere' });
    expect(await failureOf(wrong.stat(key))).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('NoSuchBucket'),
    });
    await wrong.close();
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
