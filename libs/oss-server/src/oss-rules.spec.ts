import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '@longshore/testing';
import { type OssServer, startOss } from './index.ts';
import { elementOf, signedExchange } from './signed-exchange.ts';

let oss: OssServer;

beforeAll(async () => {
  oss = await startOss({ cnames: { 'blobs.example.test': 'longshore-other' } });
});

afterAll(() => oss.stop());

const refusal = (answer: Answer) => [answer.status, elementOf(answer, 'Code')];
const md5 = (text: string) => createHash('md5').update(text).digest('base64');

const getRange = (range: string, behavior?: string) =>
  signedExchange(oss, 'digits', {
    headers: { range, ...(behavior === undefined ? {} : { 'x-oss-range-behavior': behavior }) },
  });

const putOnce = () =>
  signedExchange(oss, 'once', {
    method: 'PUT',
    body: 'x',
    headers: { 'x-oss-forbid-overwrite': 'true' },
  });

const putWith = (digest: string) =>
  signedExchange(oss, 'digest', { method: 'PUT', body: 'x', headers: { 'content-md5': digest } });

describe('GET of a range', () => {
  beforeAll(() => signedExchange(oss, 'digits', { method: 'PUT', body: '0123456789' }));

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
  ])('gives %s', async (range, body, contentRange) => {
    const answer = await getRange(range);
    expect([answer.status, answer.body.toString()]).toEqual([206, body]);
    expect(answer.headers['content-range']).toBe(contentRange);
  });

  it.each(['bytes=10-', 'bytes=8-12', 'bytes=-11', 'bytes=-0', 'bytes=4-2', 'pages=1-2'])(
    'ignores %s, which is not within the object',
    async (range) => {
      const answer = await getRange(range);
      expect([answer.status, answer.body.toString()]).toEqual([200, '0123456789']);
    },
  );

  it('follows HTTP if requested', async () => {
    expect(refusal(await getRange('bytes=10-', 'standard'))).toEqual([416, 'InvalidRange']);
    expect(refusal(await getRange('bytes=-0', 'standard'))).toEqual([416, 'InvalidRange']);
    const cut = await getRange('bytes=8-12', 'standard');
    expect([cut.status, cut.body.toString()]).toEqual([206, '89']);
  });
});

describe('preconditions', () => {
  it('are those of HTTP', async () => {
    const put = await signedExchange(oss, 'conditional', { method: 'PUT', body: 'x' });
    const etag = put.headers['etag'] ?? '';
    const get = (headers: Record<string, string>) => signedExchange(oss, 'conditional', { headers });
    const future = new Date(Date.now() + 60_000).toUTCString();
    expect((await get({ 'if-match': etag })).status).toBe(200);
    expect(refusal(await get({ 'if-match': '"other"' }))).toEqual([412, 'PreconditionFailed']);
    expect((await get({ 'if-none-match': etag })).status).toBe(304);
    expect((await get({ 'if-modified-since': future })).status).toBe(304);
    expect(refusal(await get({ 'if-unmodified-since': new Date(0).toUTCString() }))).toEqual([
      412,
      'PreconditionFailed',
    ]);
  });

  it('can prevent overwriting an object', async () => {
    expect((await putOnce()).status).toBe(200);
    expect(refusal(await putOnce())).toEqual([409, 'FileAlreadyExists']);
  });
});

describe('a digest', () => {
  it('must be valid, and match the body', async () => {
    expect((await putWith(md5('x'))).status).toBe(200);
    expect(refusal(await putWith(md5('y')))).toEqual([400, 'InvalidDigest']);
    expect(refusal(await putWith('nonsense'))).toEqual([400, 'InvalidDigest']);
  });

  it('is required to delete many objects, at most 1000', async () => {
    const remove = (count: number, headers: Record<string, string> = {}) => {
      const body = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(count)}</Delete>`;
      const all = { 'content-md5': md5(body), ...headers };
      return signedExchange(oss, '', { method: 'POST', query: { delete: '' }, body, headers: all });
    };
    expect((await remove(1000)).status).toBe(200);
    expect(refusal(await remove(1001))).toEqual([400, 'MalformedXML']);
    expect(refusal(await remove(1, { 'content-md5': md5('y') }))).toEqual([400, 'InvalidDigest']);
    const without = { method: 'POST', query: { delete: '' }, body: '<Delete/>' };
    expect(refusal(await signedExchange(oss, '', without))).toEqual([400, 'MissingArgument']);
  });
});

describe('POST ?delete', () => {
  it('reads names with any entities', async () => {
    const key = ` a&b"c'd<é `;
    await signedExchange(oss, key, { method: 'PUT', body: 'x' });
    const body = '<Delete><Object><Key> a&amp;b&#34;c&#x27;d&lt;&#xe9; </Key></Object></Delete>';
    const headers = { 'content-md5': md5(body) };
    const answer = await signedExchange(oss, '', { method: 'POST', query: { delete: '' }, body, headers });
    expect(elementOf(answer, 'Key')).toBe(' a&amp;b&quot;c&apos;d&lt;é ');
    expect((await signedExchange(oss, key)).status).toBe(404);
  });
});

describe('a multipart upload', () => {
  const key = 'multipart';

  async function uploadOf(...sizes: number[]): Promise<{ uploadId: string; etags: string[] }> {
    const initiated = await signedExchange(oss, key, { method: 'POST', query: { uploads: '' } });
    const uploadId = elementOf(initiated, 'UploadId') ?? '';
    const parts = await Promise.all(
      sizes.map((size, index) => part(uploadId, String(index + 1), 'x'.repeat(size))),
    );
    return { uploadId, etags: parts.map(({ headers }) => headers['etag'] ?? '') };
  }

  const part = (uploadId: string, partNumber: string, body: string) =>
    signedExchange(oss, key, { method: 'PUT', query: { partNumber, uploadId }, body });

  const complete = (uploadId: string, parts: readonly (readonly [number, string | undefined])[]) =>
    signedExchange(oss, key, {
      method: 'POST',
      query: { uploadId },
      body: `<CompleteMultipartUpload>${parts
        .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag ?? ''}</ETag></Part>`)
        .join('')}</CompleteMultipartUpload>`,
    });

  it('refuses a part below 100 KiB, but for the last', async () => {
    const { uploadId, etags } = await uploadOf(102_399, 1);
    const small = await complete(uploadId, [
      [1, etags[0]],
      [2, etags[1]],
    ]);
    expect(refusal(small)).toEqual([400, 'EntityTooSmall']);
    expect((await complete(uploadId, [[1, etags[0]]])).status).toBe(200);
  });

  it('refuses parts out of order, unknown, or changed', async () => {
    const { uploadId, etags } = await uploadOf(102_400, 1);
    const [first, second] = etags;
    const swapped = await complete(uploadId, [
      [2, second],
      [1, first],
    ]);
    expect(refusal(swapped)).toEqual([400, 'InvalidPartOrder']);
    expect(refusal(await complete(uploadId, [[1, second]]))).toEqual([400, 'InvalidPart']);
    expect(refusal(await complete(uploadId, [[3, first]]))).toEqual([400, 'InvalidPart']);
    expect(refusal(await complete(uploadId, []))).toEqual([400, 'MalformedXML']);
    expect(refusal(await complete('ABC', [[1, first]]))).toEqual([404, 'NoSuchUpload']);
  });

  it('numbers parts from 1 to 10000, and accepts none after its end', async () => {
    const { uploadId } = await uploadOf();
    expect((await part(uploadId, '10000', 'x')).status).toBe(200);
    expect(refusal(await part(uploadId, '0', 'x'))).toEqual([400, 'InvalidArgument']);
    expect(refusal(await part(uploadId, '10001', 'x'))).toEqual([400, 'InvalidArgument']);
    const abort = () => signedExchange(oss, key, { method: 'DELETE', query: { uploadId } });
    expect((await abort()).status).toBe(204);
    expect(refusal(await abort())).toEqual([404, 'NoSuchUpload']);
    expect(refusal(await part(uploadId, '1', 'x'))).toEqual([404, 'NoSuchUpload']);
  });
});

describe('a listing', () => {
  it('has 1000 entries at most, in the order of bytes, encoded on demand', async () => {
    const bucket = 'longshore-other';
    // In UTF-16 order the second one comes first.
    const names = ['\uffee', '\u{1f6a2}', 'a/b c'];
    await Promise.all(names.map((key) => signedExchange(oss, key, { method: 'PUT', bucket, body: 'x' })));
    const list = (query: Record<string, string>) => signedExchange(oss, '', { bucket, query });
    const listed = await list({ 'list-type': '2', 'encoding-type': 'url', 'max-keys': '1000' });
    const keys = [...listed.body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key);
    expect(keys).toEqual(['a%2Fb%20c', '%EF%BF%AE', '%F0%9F%9A%A2']);
    expect(refusal(await list({ 'max-keys': '1001' }))).toEqual([400, 'InvalidArgument']);
    expect(refusal(await list({ 'max-keys': '0' }))).toEqual([400, 'InvalidArgument']);
    expect(refusal(await list({ 'list-type': '2', 'continuation-token': '?' }))).toEqual([
      400,
      'InvalidArgument',
    ]);
  });
});

describe('a bucket', () => {
  it.each([
    ['the first label of the host', 'longshore-other.localhost'],
    ['a host name of its own', 'blobs.example.test'],
    ["the service's own host name", 'longshore-other.oss-cn-hangzhou.aliyuncs.com'],
  ])('can be %s', async (_, host) => {
    const bucket = 'longshore-other';
    await signedExchange(oss, host, { method: 'PUT', bucket, host, body: host });
    expect((await signedExchange(oss, host, { bucket })).body.toString()).toBe(host);
    expect(refusal(await signedExchange(oss, host))).toEqual([404, 'NoSuchKey']);
  });
});
