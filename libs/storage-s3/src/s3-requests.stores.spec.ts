import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import { forEachOf, objectKey, type ObjectKey, type StorageDriver, type Upload } from '@longshore/storage';
import { bytesOf, inChunks, longSource, someBytes } from '@longshore/storage/testing';
import { type FaultProxy, type S3Server, startFaultProxy, startVersitygw } from '@longshore/testing/stores';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openS3 } from './testing/open-s3.ts';

const mebibyte = 1024 * 1024;
let server: S3Server;
let proxy: FaultProxy;
let driver: StorageDriver;
let count = 0;

beforeAll(async () => {
  server = await startVersitygw();
  proxy = await startFaultProxy(server.endpoint);
  const { accessKey: accesskey, secretKey: secretkey, region, bucket } = server;
  const s3 = { accesskey, secretkey, region, bucket, regionendpoint: proxy.origin };
  driver = await openS3({ ...s3, redirectendpoint: server.endpoint });
  // The first small object is written twice, to find out whether the service supports conditional puts.
  await append({ key: objectKey('first'), offset: 0, state: null }, Buffer.from('x'));
});

afterAll(async () => {
  await driver.close();
  await proxy.stop();
  await server.stop();
});

beforeEach(() => void (proxy.requests.length = 0));

async function append(upload: Upload, bytes: Uint8Array): Promise<Upload> {
  return { key: upload.key, ...(await driver.append(upload, inChunks(bytes))) };
}

const newKey = (): ObjectKey => objectKey(`uploads/${count++}`);
const asked = (): string[] =>
  proxy.requests.map(({ method, url }) =>
    [method, new URL(url, proxy.origin).search.replaceAll(/uploadId=[^&]*|&?x-id=\w+/gi, '')]
      .join(' ')
      .trim(),
  );

describe('The requests of a push to S3', () => {
  it('are two for a small blob, and nothing is copied', async () => {
    const upload = await append({ key: newKey(), offset: 0, state: null }, someBytes(5000));
    await driver.commit(upload, upload.key);
    expect(proxy.requests.map(({ method }) => method)).toEqual(['PUT', 'HEAD']);
  });

  it('are thirteen for 100 MiB in one chunk', async () => {
    const key = newKey();
    const appended = await driver.append({ key, offset: 0, state: null }, longSource(100 * mebibyte));
    await driver.commit({ key, ...appended }, key);
    expect(asked()).toHaveLength(13);
    expect(proxy.requests.filter(({ method }) => method === 'PUT')).toHaveLength(10);
    expect(proxy.requests.filter(({ headers }) => 'x-amz-copy-source' in headers)).toEqual([]);
  });

  it('never copy, however small the chunks are', async () => {
    let upload: Upload = { key: newKey(), offset: 0, state: null };
    const sizes = [1, 6 * mebibyte, 1, 1, 1];
    for (const size of sizes) upload = await append(upload, someBytes(size));
    await driver.commit(upload, upload.key);
    const read = await bytesOf(await driver.read(upload.key));
    expect(read.equals(Buffer.concat(sizes.map((size) => someBytes(size))))).toBe(true);
    expect(proxy.requests.filter(({ headers }) => 'x-amz-copy-source' in headers)).toEqual([]);
    expect(proxy.requests.length).toBeLessThan(25);
  });

  it('write each further small chunk once, as a side object', async () => {
    const key = newKey();
    let upload: Upload = { key, offset: 0, state: null };
    for (const size of [1, 1, 1, 1]) upload = await append(upload, someBytes(size));
    const puts = proxy.requests.filter(({ method }) => method === 'PUT');
    const toTheKey = puts.filter(({ url }) => new URL(url, proxy.origin).pathname.endsWith(`/${key}`));
    expect([puts.length, toTheKey.length]).toEqual([4, 1]);
  });

  it('sign the SHA-256 of every body', async () => {
    const key = newKey();
    await append({ key, offset: 0, state: null }, someBytes(12 * mebibyte));
    const bodies = proxy.requests.filter(({ method }) => method === 'PUT');
    expect(bodies.length).toBeGreaterThan(1);
    for (const { headers } of bodies) expect(headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('Redirects to S3', () => {
  it('lead to redirectendpoint, stay the same for a while, and are each valid for one method', async () => {
    const key = newKey();
    await driver.put(key, someBytes(3000));
    const get = await driver.redirect(key, { method: 'GET', expiresInSeconds: 86_400 });
    const head = await driver.redirect(key, { method: 'HEAD', expiresInSeconds: 86_400 });
    expect(await driver.redirect(key, { method: 'GET', expiresInSeconds: 86_400 })).toBe(get);
    if (get === undefined || head === undefined) throw new Error('there is no URL');
    expect(new URL(get).origin).toBe(server.endpoint);
    const whole = await fetch(get);
    expect(Buffer.from(await whole.arrayBuffer()).equals(someBytes(3000))).toBe(true);
    const only = await fetch(head, { method: 'HEAD' });
    expect([only.status, only.headers.get('content-length')]).toEqual([200, '3000']);
    expect((await fetch(get, { method: 'HEAD' })).status).toBe(403);
    const part = await fetch(get, { headers: { range: 'bytes=10-19' } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 10]);
  });
});

describe('Leftovers of uploads in S3', () => {
  it('are listed and cleared by their key', async () => {
    const upload = await append({ key: newKey(), offset: 0, state: null }, someBytes(11 * mebibyte));
    const left = await leftovers();
    expect(left.filter((key) => key === upload.key).length).toBeGreaterThanOrEqual(2);
    await driver.clear(upload.key);
    expect(await leftovers()).not.toContain(upload.key);
  });

  it.each([
    ['of many keys', (index: number) => `many/${index}`],
    ['of one key', () => 'many/uploads'],
  ])('are found and cleared if one answer does not hold them: %s', async (_, nameOf) => {
    const credentials = { accessKeyId: server.accessKey, secretAccessKey: server.secretKey };
    const client = new S3Client({
      endpoint: server.endpoint,
      region: server.region,
      credentials,
      forcePathStyle: true,
    });
    const names = Array.from({ length: 1100 }, (__, index) => nameOf(index));
    await forEachOf(names, 16, async (Key) => {
      await client.send(new CreateMultipartUploadCommand({ Bucket: server.bucket, Key }));
    });
    client.destroy();
    const left = new Set((await leftovers()).filter((key) => key.startsWith('many/')));
    expect(left.size).toBe(new Set(names).size);
    await forEachOf([...left], 16, (key) => driver.clear(key));
    expect((await leftovers()).filter((key) => key.startsWith('many/'))).toEqual([]);
  });
});

async function leftovers(): Promise<ObjectKey[]> {
  const keys = [];
  for await (const { key } of driver.leftovers()) keys.push(key);
  return keys;
}
