import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc64 } from './objects/crc64.ts';
import { type OssServer, startOss } from './index.ts';
import { type SdkOptions, sdkClient } from './sdk-client.ts';

let oss: OssServer;

beforeAll(async () => {
  oss = await startOss();
});

afterAll(() => oss.stop());

const clientOf = (options: SdkOptions): OSS => sdkClient(oss, options);

const code = (expected: string) => expect.objectContaining({ code: expected });

describe.each([
  ['V1', { authorizationV4: false }],
  ['V4', { authorizationV4: true }],
])('the SDK with %s signatures', (version, options) => {
  let client: OSS;
  const key = (name: string) => `${version}/${name}`;

  beforeAll(() => {
    client = clientOf(options);
  });

  it('writes, reads and deletes an object', async () => {
    const bytes = Buffer.from('one small object');
    const put = await client.put(key("a b+c'(ü)/object"), bytes);
    expect(put.res.headers).toMatchObject({
      etag: expect.stringMatching(/^"[0-9A-F]{32}"$/),
      'x-oss-hash-crc64ecma': String(crc64(bytes)),
    });
    expect((await client.get(key("a b+c'(ü)/object"))).content).toEqual(bytes);
    await client.delete(key("a b+c'(ü)/object"));
    await expect(client.get(key("a b+c'(ü)/object"))).rejects.toEqual(code('NoSuchKey'));
    await client.delete(key("a b+c'(ü)/object"));
  });

  it('streams a body of unknown length', async () => {
    const bytes = randomBytes(3_000_000);
    await client.putStream(key('streamed'), Readable.from([bytes.subarray(0, 1e6), bytes.subarray(1e6)]));
    expect(await buffer((await client.getStream(key('streamed'))).stream)).toEqual(bytes);
  });

  it('returns metadata and encryption', async () => {
    await client.put(key('described'), Buffer.from('x'), {
      mime: 'text/plain',
      meta: { uid: 7, pid: 8 },
      headers: { 'x-oss-server-side-encryption': 'KMS', 'x-oss-server-side-encryption-key-id': 'key-1' },
    });
    const { res } = await client.head(key('described'));
    expect(res.headers).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '1',
      'x-oss-meta-uid': '7',
      'x-oss-server-side-encryption': 'KMS',
      'x-oss-server-side-encryption-key-id': 'key-1',
      'x-oss-object-type': 'Normal',
      'x-oss-request-id': expect.stringMatching(/^[0-9A-F]{24}$/),
    });
  });

  it('uploads in parts and completes them without a copy', async () => {
    const parts = [randomBytes(100 * 1024), randomBytes(150_000), randomBytes(10)];
    const { uploadId } = await client.initMultipartUpload(key('parts'));
    const uploaded = await Promise.all(
      parts.map(async (part, index) => ({
        number: index + 1,
        etag: await uploadPart(client, { name: key('parts'), uploadId, number: index + 1, part }),
      })),
    );
    const listed = await client.listParts(
      key('parts'),
      uploadId,
      { 'max-parts': 2, 'part-number-marker': 0, 'encoding-type': 'url' },
      {},
    );
    expect(listed).toMatchObject({ isTruncated: 'true', nextPartNumberMarker: '2' });
    const completed = await client.completeMultipartUpload(key('parts'), uploadId, uploaded);
    const whole = Buffer.concat(parts);
    expect(completed.res.headers).toMatchObject({
      etag: expect.stringMatching(/^"[0-9A-F]{32}-3"$/),
      'x-oss-hash-crc64ecma': String(crc64(whole)),
    });
    expect((await client.get(key('parts'))).content).toEqual(whole);
    const across = await client.get(key('parts'), { headers: { Range: 'bytes=102390-102409' } });
    expect(across.content).toEqual(whole.subarray(102_390, 102_410));
    await expect(client.completeMultipartUpload(key('parts'), uploadId, uploaded)).rejects.toEqual(
      code('NoSuchUpload'),
    );
    expect(oss.requests()).not.toHaveProperty('UploadPartCopy');
  });

  it('lists and aborts uploads', async () => {
    const names = [key('uploads/a'), key('uploads/b'), key('uploads/b')];
    await Promise.all(names.map((name) => client.initMultipartUpload(name)));
    const first = await client.listUploads({ prefix: key('uploads/'), 'max-uploads': 2 });
    expect(first).toMatchObject({ isTruncated: true, nextKeyMarker: key('uploads/b') });
    const second = await client.listUploads({
      prefix: key('uploads/'),
      'max-uploads': 2,
      'key-marker': first.nextKeyMarker,
      'upload-id-marker': first.nextUploadIdMarker,
    });
    const uploads = [...first.uploads, ...second.uploads];
    expect(uploads.map(({ name }) => name)).toEqual(names);
    expect(second.isTruncated).toBe(false);
    await Promise.all(uploads.map(({ name, uploadId }) => client.abortMultipartUpload(name, uploadId)));
    expect((await client.listUploads({ prefix: key('uploads/'), 'max-uploads': 2 })).uploads).toEqual([]);
  });

  it('pages through a listing in either version', async () => {
    const names = ['list/a', 'list/b/1', 'list/b/2', 'list/c&d', 'list/e/1', 'list/f'].map(key);
    await Promise.all(names.map((name) => client.put(name, Buffer.from(name))));
    const query = { prefix: key('list/'), delimiter: '/', 'max-keys': 2 };
    const first = await client.list(query, {});
    expect(first.objects.map(({ name }) => name)).toEqual([key('list/a')]);
    expect(first).toMatchObject({
      prefixes: [key('list/b/')],
      isTruncated: true,
      nextMarker: key('list/b/'),
    });
    const second = await client.list({ ...query, marker: first.nextMarker }, {});
    expect(second.objects.map(({ name }) => name)).toEqual([key('list/c&d')]);
    expect(second.prefixes).toEqual([key('list/e/')]);
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await client.listV2({
        prefix: key('list/'),
        'max-keys': '2',
        'start-after': key('list/a'),
        ...(token === undefined ? {} : { 'continuation-token': token }),
      });
      found.push(...page.objects.map(({ name }) => name));
      token = page.nextContinuationToken ?? undefined;
    } while (token !== undefined);
    expect(found).toEqual(names.slice(1));
  });

  it('copies, and the copy outlives the original', async () => {
    const before = oss.requests().CopyObject ?? 0;
    await client.put(key('original'), Buffer.from('copied'));
    await client.copy(key('copy'), key('original'));
    await client.delete(key('original'));
    expect((await client.get(key('copy'))).content).toEqual(Buffer.from('copied'));
    expect(oss.requests().CopyObject).toBe(before + 1);
  });

  it('deletes many objects at once, quietly or not', async () => {
    const names = [key('many/a&b'), key('many/<c>'), key('many/never')];
    await client.put(key('many/a&b'), Buffer.from('x'));
    const spoken = await client.deleteMulti(names);
    expect(spoken.deleted).toHaveLength(3);
    expect((await client.deleteMulti(names, { quiet: true })).deleted).toEqual([]);
    await expect(client.head(key('many/a&b'))).rejects.toEqual(code('NoSuchKey'));
  });

  it('describes the bucket', async () => {
    expect((await client.getBucketInfo(oss.bucket)).bucket).toMatchObject({ Name: oss.bucket });
    expect((await client.getBucketLocation(oss.bucket)).location).toBe('oss-cn-hangzhou');
  });

  it('works with a token until it expires', async () => {
    const good = oss.issueToken({ expiresAt: new Date(Date.now() + 60_000) });
    await clientOf({ ...options, ...good, stsToken: good.securityToken }).put(key('sts'), Buffer.from('x'));
    const old = oss.issueToken({ expiresAt: new Date(Date.now() - 1) });
    const get = (stsToken: string | undefined, pair: Partial<OSS.Options>) =>
      clientOf({ ...options, ...pair, ...(stsToken === undefined ? {} : { stsToken }) }).get(key('sts'));
    await expect(get(old.securityToken, old)).rejects.toEqual(code('SecurityTokenExpired'));
    await expect(get('another', good)).rejects.toEqual(code('InvalidSecurityToken'));
    await expect(get(undefined, good)).rejects.toEqual(code('InvalidAccessKeyId'));
    await expect(get(good.securityToken, {})).rejects.toEqual(code('InvalidAccessKeyId'));
  });

  it('is refused with a wrong secret or key', async () => {
    const { accessKeyId, accessKeySecret } = oss.otherCredentials;
    await clientOf({ ...options, accessKeyId, accessKeySecret }).put(key('other'), Buffer.from('x'));
    const wrong = clientOf({ ...options, accessKeySecret: 'wrong' });
    await expect(wrong.get(key('other'))).rejects.toEqual(code('SignatureDoesNotMatch'));
    const unknown = clientOf({ ...options, accessKeyId: 'unknown' });
    await expect(unknown.get(key('other'))).rejects.toEqual(code('InvalidAccessKeyId'));
    const nowhere = clientOf({ ...options, bucket: 'nowhere' });
    await expect(nowhere.get(key('other'))).rejects.toEqual(code('NoSuchBucket'));
  });
});

interface PartOptions {
  readonly name: string;
  readonly uploadId: string;
  readonly number: number;
  readonly part: Buffer;
}

async function uploadPart(client: OSS, { name, uploadId, number, part }: PartOptions): Promise<string> {
  const { etag } = await client.uploadPart(name, uploadId, number, part, 0, part.length);
  return etag;
}
