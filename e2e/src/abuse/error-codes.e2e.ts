import {
  type Answer,
  blobOf,
  descriptorOf,
  digestOf,
  manifestOf,
  ociTypes,
  tinyImage,
  uniqueBytes,
  uniqueRepository,
} from '@longshore/testing';
import type { OciErrorCode } from '@longshore/oci';
import { beforeAll, describe, expect, it } from 'vitest';
import { client } from '../support/target.ts';

const name = uniqueRepository('codes');
const nowhere = `/v2/${name}/blobs/uploads/00000000-0000-4000-8000-000000000000`;
const missing = manifestOf(ociTypes.manifest, {
  config: descriptorOf(blobOf(uniqueBytes(9)), ociTypes.config),
  layers: [],
});

/** The first three need accounts: src/access-basic provokes them. The last two need a registry in trouble: src/sick-store stops its database and its store. */
type Elsewhere = 'UNAUTHORIZED' | 'DENIED' | 'TOOMANYREQUESTS' | 'UNKNOWN' | 'UNAVAILABLE';

const ways: Readonly<Record<Exclude<OciErrorCode, Elsewhere>, readonly [number, () => Promise<Answer>]>> = {
  BLOB_UNKNOWN: [404, () => client.get(`/v2/${name}/blobs/${digestOf('none')}`)],
  BLOB_UPLOAD_UNKNOWN: [404, () => client.get(nowhere)],
  DIGEST_INVALID: [400, () => client.get(`/v2/${name}/blobs/sha256:x`)],
  MANIFEST_BLOB_UNKNOWN: [400, () => client.pushManifest(name, 'x', missing)],
  MANIFEST_INVALID: [
    400,
    () =>
      client.send('PUT', `/v2/${name}/manifests/x`, {
        body: '{}',
        headers: { 'content-type': ociTypes.manifest },
      }),
  ],
  MANIFEST_UNKNOWN: [404, () => client.get(`/v2/${name}/manifests/none`)],
  NAME_INVALID: [400, () => client.get('/v2/UPPER/tags/list')],
  NAME_UNKNOWN: [404, () => client.get(`/v2/${uniqueRepository('none')}/tags/list`)],
  SIZE_INVALID: [
    413,
    () =>
      client.send('PUT', `/v2/${name}/manifests/x`, {
        body: Buffer.alloc(5 * 1024 * 1024, 0x20),
        headers: { 'content-type': ociTypes.manifest },
      }),
  ],
  UNSUPPORTED: [405, () => client.send('PATCH', `/v2/${name}/tags/list`)],
  TAG_INVALID: [400, () => client.delete(`/v2/${name}/manifests/-x`)],
  RANGE_INVALID: [416, async () => client.patch(await client.startUpload(name), Buffer.from('x'), 7)],
  PAGINATION_NUMBER_INVALID: [400, () => client.get('/v2/_catalog?n=x')],
  PRECONDITION_FAILED: [
    412,
    async () => {
      const image = tinyImage({ content: name });
      await client.pushImage(name, image, 'there');
      return client.send('PUT', `/v2/${name}/manifests/there`, {
        body: image.bytes,
        headers: { 'content-type': image.mediaType, 'if-none-match': '*' },
      });
    },
  ],
  NOT_FOUND: [404, () => client.get('/v2/x')],
};

describe('every code of the error table that anybody can reach', () => {
  beforeAll(async () => {
    await client.pushImage(name, tinyImage({ content: name }), 'exists');
  });

  for (const [code, [status, ask]] of Object.entries(ways)) {
    it(`${code} comes with ${status}, a message and JSON`, async () => {
      const answer = await ask();
      expect({ status: answer.status, codes: answer.codes }).toEqual({ status, codes: [code] });
      expect(answer.json().errors?.[0]?.message).toMatch(/[a-z]/);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(Number(answer.headers['content-length'])).toBe(answer.body.length);
    });
  }
});
