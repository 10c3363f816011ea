import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { objectKey, type ObjectKey, type StorageDriver, type Upload } from '@longshore/storage';
import { bytesOf, inChunks, longSource, sha256Of, someBytes } from '@longshore/storage/testing';
import { type ProxiedRequest, startTlsFront } from '@longshore/testing/stores';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AzuriteBehindProxy, startAzuriteBehindProxy } from './testing/azurite.ts';

const mebibyte = 1024 * 1024;
let azurite: AzuriteBehindProxy;
let driver: StorageDriver;
let uploads = 0;

beforeAll(async () => {
  azurite = await startAzuriteBehindProxy();
  driver = await azurite.open();
});
afterEach(() => {
  azurite.proxy.fault = undefined;
});
afterAll(async () => {
  await driver.close();
  await azurite.stop();
});

const newUpload = (): Upload => ({ key: objectKey(`uploads/${uploads++}`), offset: 0, state: null });

async function append(upload: Upload, bytes: Uint8Array): Promise<Upload> {
  return { key: upload.key, ...(await driver.append(upload, inChunks(bytes))) };
}

async function withUncommittedBlocks(): Promise<ObjectKey> {
  const impatient = await azurite.open({ max_retries: -1 });
  azurite.proxy.fault = (request) => (nameOf(request) === 'PUT blocklist' ? { kind: 'reset' } : undefined);
  const { key } = newUpload();
  const appending = impatient.append({ key, offset: 0, state: null }, longSource(9 * mebibyte));
  await expect(appending).rejects.toMatchObject({ kind: 'unavailable' });
  azurite.proxy.fault = undefined;
  await impatient.close();
  return key;
}

async function leftovers(): Promise<string[]> {
  const keys = [];
  for await (const { key } of driver.leftovers()) keys.push(key);
  return keys;
}

/** Returns the requests to the store during `work`. */
async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  azurite.proxy.requests.length = 0;
  await work();
  return azurite.proxy.requests.map(nameOf);
}

function nameOf({ method, url }: ProxiedRequest): string {
  return [method, new URL(url, 'http://store').searchParams.get('comp')]
    .filter((part) => part !== null)
    .join(' ');
}

describe('AzureDriver', () => {
  it('needs two requests for a small blob, and copies nothing', async () => {
    const seen = await requestsOf(async () => {
      const upload = await append(newUpload(), someBytes(100_000));
      await driver.commit(upload, upload.key);
    });
    expect(seen).toEqual(['PUT', 'HEAD']);
    expect(azurite.proxy.requests.some(({ headers }) => 'x-ms-copy-source' in headers)).toBe(false);
  });

  it('needs 27 requests for 100 MiB', async () => {
    const upload = newUpload();
    const seen = await requestsOf(async () => {
      const appended = await driver.append(upload, longSource(100 * mebibyte));
      await driver.commit({ key: upload.key, ...appended }, upload.key);
    });
    const blocks = Array.from({ length: 25 }, () => 'PUT block');
    expect(seen).toEqual([...blocks, 'PUT blocklist', 'HEAD']);
    await driver.delete([upload.key]);
  });

  it('sends the MD5 of each block without TLS', async () => {
    const md5sOf = async (writing: StorageDriver): Promise<unknown[]> => {
      await requestsOf(() => writing.append(newUpload(), longSource(9 * mebibyte)));
      const blocks = azurite.proxy.requests.filter((request) => nameOf(request) === 'PUT block');
      return blocks.map(({ headers }) => typeof headers['content-md5']);
    };
    expect(await md5sOf(driver)).toEqual(['string', 'string', 'string']);
    const front = await startTlsFront(azurite.proxy.origin);
    const serviceurl = front.origin + new URL(azurite.server.endpoint).pathname;
    const secure = await azurite.open({ serviceurl, cabundle: front.certificate });
    expect(await md5sOf(secure)).toEqual(['undefined', 'undefined', 'undefined']);
    await secure.close();
    await front.stop();
  });

  it('rewrites only the small last block when a chunk follows', async () => {
    let upload = await append(newUpload(), someBytes(9 * mebibyte));
    upload = await append(upload, someBytes(1000, 2));
    expect(await requestsOf(async () => (upload = await append(upload, someBytes(1000, 3))))).toEqual([
      'GET blocklist',
      'GET',
      'PUT block',
      'PUT blocklist',
    ]);
    const put = azurite.proxy.requests.find((request) => nameOf(request) === 'PUT block');
    expect(put?.headers['content-length']).toBe('2000');
    const expected = Buffer.concat([someBytes(9 * mebibyte), someBytes(1000, 2), someBytes(1000, 3)]);
    expect((await bytesOf(await driver.read(upload.key))).equals(expected)).toBe(true);
  });

  it.each([
    ['a blob in one piece', 100_000],
    ['a blob in blocks', 9 * mebibyte],
  ])('recognises its own write when the answer was lost: %s', async (_, size) => {
    const lost = new Set<string>();
    azurite.proxy.fault = (request) => {
      const name = nameOf(request);
      if (!['PUT', 'PUT blocklist'].includes(name) || lost.has(name)) return undefined;
      lost.add(name);
      return { kind: 'loseAnswer' };
    };
    const first = await append(newUpload(), someBytes(size));
    lost.clear();
    const second = await append(first, someBytes(size, 2));
    expect(second.offset).toBe(2 * size);
    const expected = Buffer.concat([someBytes(size), someBytes(size, 2)]);
    expect((await bytesOf(await driver.read(first.key))).equals(expected)).toBe(true);
  });

  it.each([
    ['a blob in one piece', 100_000],
    ['a blob in blocks', 5 * mebibyte],
  ])('does not let a stalled writer change what another one committed: %s', async (_, size) => {
    const first = await append(newUpload(), someBytes(1000));
    const stalled = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield someBytes(size, 2);
      await stalled.promise;
    }
    const old = driver.append(first, slow()).then(
      () => 'written',
      (error: unknown) => String(error),
    );
    // Give the old writer time to see the blob before another writer continues.
    await sleep(300);
    const second = await append(first, someBytes(2000, 3));
    stalled.resolve();
    expect(await old).toMatch(/unavailable .*another writer was at work/);
    await driver.commit(second, second.key);
    const expected = Buffer.concat([someBytes(1000), someBytes(2000, 3)]);
    expect((await bytesOf(await driver.read(first.key))).equals(expected)).toBe(true);
  });

  it('succeeds with a store that is too busy for half of all calls', async () => {
    let calls = 0;
    azurite.proxy.fault = () =>
      calls++ % 2 === 0
        ? { kind: 'answer', status: 503, headers: { 'x-ms-error-code': 'ServerBusy', 'retry-after': '0' } }
        : undefined;
    const upload = await append(newUpload(), someBytes(9 * mebibyte));
    await driver.commit(upload, upload.key);
    expect(await sha256Of(await driver.read(upload.key))).toBe(
      await sha256Of(inChunks(someBytes(9 * mebibyte))),
    );
  });

  it('says throttled, with the time to wait, when the store stays busy', async () => {
    azurite.proxy.fault = () => ({
      kind: 'answer',
      status: 503,
      headers: { 'x-ms-error-code': 'ServerBusy', 'retry-after': '30' },
    });
    const failure = { kind: 'throttled', retryAfterSeconds: 30 };
    await expect(driver.stat(objectKey('uploads/any'))).rejects.toMatchObject(failure);
  });

  it('continues reading where an answer breaks off', async () => {
    const { key } = await append(newUpload(), someBytes(9 * mebibyte));
    azurite.proxy.fault = ({ method }) =>
      method === 'GET' ? { kind: 'cutAnswer', after: mebibyte } : undefined;
    expect((await bytesOf(await driver.read(key))).equals(someBytes(9 * mebibyte))).toBe(true);
  });

  it('never mixes the bytes of two blobs', async () => {
    const { key } = await append(newUpload(), someBytes(9 * mebibyte));
    azurite.proxy.fault = ({ method }) =>
      method === 'GET' ? { kind: 'cutAnswer', after: mebibyte } : undefined;
    const stream = await driver.read(key);
    await driver.put(key, someBytes(9 * mebibyte, 2));
    await expect(bytesOf(stream)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('lists and clears uncommitted blocks', async () => {
    const key = await withUncommittedBlocks();
    expect(await leftovers()).toEqual([key]);
    await expect(driver.stat(key)).rejects.toMatchObject({ kind: 'absent' });
    await driver.clear(key);
    expect(await leftovers()).toEqual([]);
    await expect(driver.stat(key)).rejects.toMatchObject({ kind: 'absent' });
  });

  it('removes uncommitted blocks with the upload', async () => {
    const keys = [await withUncommittedBlocks(), await withUncommittedBlocks()] as const;
    await driver.abort(keys[0]);
    expect(await driver.delete([keys[1]])).toEqual({ gone: [keys[1]], failed: [] });
    expect(await leftovers()).toEqual([]);
  });

  it.each([0, 10, 9 * mebibyte])(
    'starts over, with %d bytes, if there are only uncommitted blocks',
    async (size) => {
      const key = await withUncommittedBlocks();
      const upload = await append({ key, offset: 0, state: null }, someBytes(size));
      await driver.commit(upload, key);
      expect((await bytesOf(await driver.read(key))).equals(someBytes(size))).toBe(true);
      expect(await leftovers()).toEqual([]);
    },
  );

  it('continues after the store was away', async () => {
    const upload = await append(newUpload(), someBytes(70_000));
    const impatient = await azurite.open({ max_retries: 1 });
    azurite.proxy.fault = () => ({ kind: 'reset' });
    await expect(impatient.append(upload, inChunks(someBytes(10)))).rejects.toMatchObject({
      kind: 'unavailable',
    });
    azurite.proxy.fault = undefined;
    const whole = await append(upload, someBytes(10, 2));
    expect(whole.offset).toBe(70_010);
    await impatient.close();
  });

  it('gives the same URL within its time bucket, valid for GET and HEAD of this blob only', async () => {
    const { key } = await append(newUpload(), Buffer.from('redirected'));
    const other = await append(newUpload(), Buffer.from('other'));
    const expiresInSeconds = 24 * 3600;
    const [one, two] = [
      await driver.redirect(key, { method: 'GET', expiresInSeconds }),
      await driver.redirect(key, { method: 'HEAD', expiresInSeconds }),
    ];
    expect(one).toBe(two);
    const elsewhere = (one ?? '').replace(key, other.key);
    expect((await fetch(elsewhere)).status).toBe(403);
    expect((await fetch(one ?? '', { method: 'DELETE' })).status).toBe(403);
  });

  it.each([
    ['container', { container: 'not-there' }, 'denied', /ContainerNotFound.*see storage\.azure: container/],
    [
      'key',
      { accountkey: Buffer.from('another').toString('base64') },
      'denied',
      /AuthorizationFailure.*see storage\.azure: accountkey/,
    ],
    [
      'endpoint',
      { serviceurl: 'http://127.0.0.1:9/longshoretest' },
      'unavailable',
      /ECONNREFUSED.*serviceurl/,
    ],
    ['host', { serviceurl: 'http://nowhere.invalid/a' }, 'unavailable', /ENOTFOUND|EAI_AGAIN.*serviceurl/],
  ])('names the parameter in check: a wrong %s', async (_, parameters, kind, message) => {
    const wrong = await azurite.open({ max_retries: -1, ...parameters });
    const failure: unknown = await wrong.check().catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(azurite.server.accountKey);
    await wrong.close();
  });
});
