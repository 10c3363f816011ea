import { blobOf, indexOf, tinyImage, dockerTypes, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

const name = uniqueRepository('pull');
const image = tinyImage({ content: name });
const blob = blobOf(uniqueBytes(10_000));
const blobPath = `/v2/${name}/blobs/${blob.digest}`;
const unknown = `sha256:${'1'.repeat(64)}`;

beforeAll(async () => {
  await client.pushImage(name, image, 'latest');
  expectStatus(await client.pushBlob(name, blob), 201);
});

describe('end-3 GET and HEAD manifest', () => {
  it.each(['latest', image.digest])(
    'returns the pushed bytes under the pushed type for %s',
    async (reference) => {
      const answer = await client.get(`/v2/${name}/manifests/${reference}`);
      expectStatus(answer, 200);
      expect(answer.body).toEqual(image.bytes);
      expect(answer.headers).toMatchObject({
        'content-type': image.mediaType,
        'content-length': String(image.bytes.length),
        'docker-content-digest': image.digest,
        'docker-distribution-api-version': 'registry/2.0',
      });
    },
  );

  it.each(['latest', image.digest])(
    'answers HEAD %s with the same headers and no body',
    async (reference) => {
      const answer = await client.head(`/v2/${name}/manifests/${reference}`);
      expectStatus(answer, 200);
      expect(answer.body).toHaveLength(0);
      expect(answer.headers).toMatchObject({
        'content-type': image.mediaType,
        'content-length': String(image.bytes.length),
        'docker-content-digest': image.digest,
      });
    },
  );

  it('answers 404 MANIFEST_UNKNOWN for a tag or digest that is not there', async () => {
    expectRefusal(await client.get(`/v2/${name}/manifests/absent`), 404, 'MANIFEST_UNKNOWN');
    expectRefusal(await client.get(`/v2/${name}/manifests/${unknown}`), 404, 'MANIFEST_UNKNOWN');
    const head = await client.head(`/v2/${name}/manifests/absent`);
    expectStatus(head, 404);
    expect(head.body).toHaveLength(0);
  });

  it('answers 404 MANIFEST_UNKNOWN where the repository is not there, or the reference is no tag', async () => {
    expectRefusal(await client.get(`/v2/${name}-absent/manifests/latest`), 404, 'MANIFEST_UNKNOWN');
    expectRefusal(await client.get(`/v2/${name}/manifests/.INVALID_MANIFEST_NAME`), 404, 'MANIFEST_UNKNOWN');
    expectStatus(await client.head(`/v2/${name}/manifests/.INVALID_MANIFEST_NAME`), 404);
    const pushed = await client.pushManifest(name, '.INVALID_MANIFEST_NAME', image);
    expectRefusal(pushed, 400, 'TAG_INVALID');
  });

  it.each(['*/*', dockerTypes.manifest, 'text/plain', ''])(
    'returns the stored type for Accept "%s"',
    async (accept) => {
      const answer = await client.get(`/v2/${name}/manifests/latest`, accept === '' ? {} : { accept });
      expectStatus(answer, 200);
      expect(answer.headers['content-type']).toBe(image.mediaType);
      expect(answer.body).toEqual(image.bytes);
    },
  );

  it('answers 304 to If-None-Match with the ETag it gave', async () => {
    const { headers } = await client.get(`/v2/${name}/manifests/latest`);
    expect(headers['etag']).toBe(`"${image.digest}"`);
    const answer = await client.get(`/v2/${name}/manifests/latest`, {
      'if-none-match': headers['etag'] ?? '',
    });
    expectStatus(answer, 304);
    expect(answer.body).toHaveLength(0);
    expectStatus(await client.get(`/v2/${name}/manifests/latest`, { 'if-none-match': `"${unknown}"` }), 200);
    expectStatus(await client.get(`/v2/${name}/manifests/latest`, { 'if-none-match': '*' }), 304);
  });

  it('is not cached by tag', async () => {
    const answer = await client.get(`/v2/${name}/manifests/latest`);
    expect(answer.headers['cache-control'] ?? '').not.toMatch(/max-age=[1-9]/);
  });

  it('is not compressed for a client that would take it', async () => {
    const answer = await client.get(`/v2/${name}/manifests/latest`, { 'accept-encoding': 'gzip, br, zstd' });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.body).toEqual(image.bytes);
  });

  it('returns an index under its own type', async () => {
    const index = indexOf([image]);
    expectStatus(await client.pushManifest(name, 'multi', index), 201);
    const answer = await client.get(`/v2/${name}/manifests/multi`, { accept: image.mediaType });
    expect(answer.headers['content-type']).toBe(index.mediaType);
    expect(answer.body).toEqual(index.bytes);
  });
});

describe('end-2 GET and HEAD blob', () => {
  it('returns the bytes, their length, type and digest', async () => {
    const answer = await client.get(blobPath);
    expectStatus(answer, 200);
    expect(answer.body).toEqual(blob.bytes);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '10000',
      'docker-content-digest': blob.digest,
      'accept-ranges': 'bytes',
    });
  });

  it('answers HEAD with the same headers', async () => {
    const answer = await client.head(blobPath);
    expectStatus(answer, 200);
    expect(answer.headers).toMatchObject({
      'content-length': '10000',
      'docker-content-digest': blob.digest,
      'accept-ranges': 'bytes',
    });
    expect(answer.body).toHaveLength(0);
  });

  it('answers 404 BLOB_UNKNOWN for a digest that is not there', async () => {
    expectRefusal(await client.get(`/v2/${name}/blobs/${unknown}`), 404, 'BLOB_UNKNOWN');
    expectStatus(await client.head(`/v2/${name}/blobs/${unknown}`), 404);
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=100-199', 100, 200],
    ['bytes=9000-', 9000, 10_000],
    ['bytes=-10', 9990, 10_000],
    ['bytes=9990-20000', 9990, 10_000],
    ['bytes=-20000', 0, 10_000],
  ])('answers Range %s with 206', async (range, start, end) => {
    const answer = await client.get(blobPath, { range });
    expectStatus(answer, 206);
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/10000`);
    expect(answer.headers['content-length']).toBe(String(end - start));
    expect(answer.body).toEqual(blob.bytes.subarray(start, end));
  });

  it.each(['bytes=10000-', 'bytes=20000-30000', 'bytes=-0'])(
    'answers Range %s with 416 RANGE_INVALID',
    async (range) => {
      const answer = await client.get(blobPath, { range });
      expectRefusal(answer, 416, 'RANGE_INVALID');
      expect(answer.headers['content-range']).toBe('bytes */10000');
    },
  );

  it.each(['chunks=0-1', 'bytes=a-b', 'bytes=0-1,5-6', 'bytes='])(
    'answers a Range it cannot read, %s, with the whole or 416, never an error',
    async (range) => {
      const answer = await client.get(blobPath, { range });
      const whole = answer.status === 200 && answer.body.equals(blob.bytes);
      expect(whole || answer.status === 416, `${answer.status}`).toBe(true);
    },
  );

  it('honours If-Range with the ETag only while it holds', async () => {
    const { headers } = await client.head(blobPath);
    expectStatus(await client.get(blobPath, { range: 'bytes=0-9', 'if-range': headers['etag'] ?? '' }), 206);
    expectStatus(await client.get(blobPath, { range: 'bytes=0-9', 'if-range': '"other"' }), 200);
  });

  it('answers 304 to If-None-Match', async () => {
    const answer = await client.get(blobPath, { 'if-none-match': `"${blob.digest}"` });
    expectStatus(answer, 304);
    expect(answer.body).toHaveLength(0);
    expectStatus(await client.get(blobPath, { 'if-none-match': '*' }), 304);
  });

  it('finds a digest whose colon is escaped, as the Azure SDK for Python writes it', async () => {
    const answer = await client.get(blobPath.replace('sha256:', 'sha256%3A'));
    expectStatus(answer, 200);
    expect(answer.body).toEqual(blob.bytes);
  });

  it('may be cached for a year', async () => {
    const answer = await client.get(blobPath);
    expect(answer.headers['cache-control']).toMatch(/max-age=31536000/);
  });

  it('cannot be taken for a page by a browser', async () => {
    expect((await client.get(blobPath)).headers['x-content-type-options']).toBe('nosniff');
  });

  it('is not compressed for a client that would take it', async () => {
    const text = blobOf('a'.repeat(50_000) + name);
    await client.pushBlob(name, text);
    const answer = await client.get(`/v2/${name}/blobs/${text.digest}`, { 'accept-encoding': 'gzip, br' });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.body).toEqual(text.bytes);
  });

  it('opens nothing by a digest that is known from another repository', async () => {
    const other = uniqueRepository('stranger');
    await client.pushBlob(other, blobOf(uniqueBytes(10)));
    expectRefusal(await client.get(`/v2/${other}/blobs/${blob.digest}`), 404, 'BLOB_UNKNOWN');
    expectStatus(await client.head(`/v2/${other}/blobs/${blob.digest}`), 404);
    expectRefusal(await client.get(`/v2/${other}/manifests/${image.digest}`), 404, 'MANIFEST_UNKNOWN');
  });
});
