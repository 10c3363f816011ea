import {
  blobOf,
  descriptorOf,
  digestOf,
  manifestOf,
  ociTypes,
  tinyImage,
  uniqueBytes,
  uniqueRepository,
} from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

const name = uniqueRepository('bombs');
const config = blobOf('{}');
const parts = { config: descriptorOf(config, ociTypes.empty), layers: [] };

async function push(text: string | Uint8Array, mediaType: string = ociTypes.manifest) {
  const bytes = Buffer.from(text);
  return client.pushManifest(name, 'bomb', { mediaType, bytes, digest: digestOf(bytes) });
}

beforeAll(async () => {
  expectStatus(await client.pushBlob(name, config), 201);
});

describe('a manifest that is none', () => {
  const documents: Readonly<Record<string, string | Uint8Array>> = {
    'no byte': '',
    'no JSON': 'hello',
    'cut JSON': `{"schemaVersion":2,"mediaType":"${ociTypes.manifest}"`,
    'two documents': '{}{}',
    'a list': '[]',
    'a number': '2',
    null: 'null',
    'not UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    'UTF-16': Buffer.from('{"schemaVersion":2}', 'utf16le'),
    'a hundred thousand brackets': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    'a hundred thousand objects': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    'four million brackets': '['.repeat(4_000_000),
    'no schemaVersion': JSON.stringify({ mediaType: ociTypes.manifest, ...parts }),
    'schemaVersion "2"': JSON.stringify({ schemaVersion: '2', mediaType: ociTypes.manifest, ...parts }),
    'no config': JSON.stringify({ schemaVersion: 2, mediaType: ociTypes.manifest, layers: [] }),
    'a config that is a text': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      config: 'x',
      layers: [],
    }),
    'layers that are none': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      ...parts,
      layers: { length: 1 },
    }),
    'a quarter of a million annotations': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      ...parts,
      annotations: Object.fromEntries(Array.from({ length: 250_000 }, (_, at) => [`k${at}`, ''])),
    }),
    'a size of 2.0': JSON.stringify({ schemaVersion: 2, mediaType: ociTypes.manifest, ...parts }).replace(
      /"size":(\d+)/,
      '"size":$1.0',
    ),
    'a negative size': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      ...parts,
      config: { ...parts.config, size: -1 },
    }),
    'a fractional size': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      ...parts,
      config: { ...parts.config, size: 1.5 },
    }),
    'a digest that is a path': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      ...parts,
      config: { ...parts.config, digest: '../../../../etc/passwd' },
    }),
    'annotations that are numbers': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      ...parts,
      annotations: { a: 1 },
    }),
    'a subject that is none': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      ...parts,
      subject: 'x',
    }),
    'both manifest and index (CVE-2021-41190)': JSON.stringify({ schemaVersion: 2, ...parts, manifests: [] }),
    'another mediaType than its Content-Type': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.index,
      ...parts,
    }),
    'more layers than anybody needs': JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      ...parts,
      layers: Array.from({ length: 20_000 }, () => parts.config),
    }),
  };

  for (const [what, document] of Object.entries(documents)) {
    it(`${what} is 4xx with one code, and nothing is stored`, async () => {
      const begun = performance.now();
      const answer = await push(document);
      expect(answer.status, answer.body.toString().slice(0, 300)).toBeOneOf([400, 413]);
      expect(answer.codes[0]).toBeOneOf(['MANIFEST_INVALID', 'DIGEST_INVALID', 'SIZE_INVALID']);
      expect(performance.now() - begun).toBeLessThan(3000);
      expectStatus(await client.head(`/v2/${name}/manifests/bomb`), 404);
    });
  }

  it('an index with layers is refused too', async () => {
    expectRefusal(
      await push(
        JSON.stringify({ schemaVersion: 2, mediaType: ociTypes.index, manifests: [], layers: [] }),
        ociTypes.index,
      ),
      400,
      'MANIFEST_INVALID',
    );
  });
});

describe('a manifest with strange keys', () => {
  it('__proto__ and constructor are kept as bytes and mean nothing', async () => {
    const text = `{"schemaVersion":2,"mediaType":"${ociTypes.manifest}","config":${JSON.stringify(parts.config)},"layers":[],"__proto__":{"layers":[1]},"constructor":{"prototype":{"x":1}},"annotations":{"__proto__":"x"}}`;
    const answer = await push(text);
    expectStatus(answer, 201);
    expect((await client.get(`/v2/${name}/manifests/${digestOf(text)}`)).body.toString()).toBe(text);
    expectStatus(await client.delete(`/v2/${name}/manifests/${digestOf(text)}`), 202);
  });

  it('a hundred thousand keys that look like numbers are read at once (HashDoS)', async () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => `"${index * 2_654_435_761}":0`).join(',');
    const begun = performance.now();
    const answer = await push(
      `{"schemaVersion":2,"mediaType":"${ociTypes.manifest}","config":${JSON.stringify(parts.config)},"layers":[],"x":{${keys}}}`,
    );
    expect([201, 400]).toContain(answer.status);
    expect(performance.now() - begun).toBeLessThan(3000);
    await client.delete(`/v2/${name}/manifests/bomb`);
  });

  it('ten thousand layers are looked up in one go', async () => {
    const layers = Array.from({ length: 9_000 }, (_, index) => ({
      mediaType: ociTypes.layer,
      digest: digestOf(`${name} ${index}`),
      size: 1,
    }));
    const begun = performance.now();
    const answer = await push(
      JSON.stringify({ schemaVersion: 2, mediaType: ociTypes.manifest, ...parts, layers }),
    );
    expect(answer.status).toBe(400);
    expect(answer.codes[0]).toBeOneOf(['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_INVALID']);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe('a Content-Type', () => {
  const { bytes } = manifestOf(ociTypes.manifest, {
    ...parts,
    annotations: { unique: uniqueBytes(4).toString('hex') },
  });

  it.each([
    '',
    'application/json',
    'text/plain',
    'application/octet-stream',
    '/',
    ';',
    'a'.repeat(4000),
    ';a=b'.repeat(2000),
    '\tapplication/vnd.oci.image.manifest.v1+json;;;x',
    'application/vnd.oci.image.manifest.v1+json/../x',
  ])('"%s" of a manifest is 4xx or understood, never an error of ours', async (contentType) => {
    const answer = await client.send('PUT', `/v2/${name}/manifests/typed`, {
      body: bytes,
      headers: contentType === '' ? {} : { 'content-type': contentType },
    });
    expect(answer.status).toBeOneOf([201, 400, 415]);
    expect(answer.status === 201 || answer.codes.length === 1).toBe(true);
  });

  it('is served without the parameters it came with', async () => {
    const answer = await client.send('PUT', `/v2/${name}/manifests/typed`, {
      body: bytes,
      headers: { 'content-type': `${ociTypes.manifest}; charset=utf-8` },
    });
    expectStatus(answer, 201);
    expect((await client.get(`/v2/${name}/manifests/typed`)).headers['content-type']).toBe(ociTypes.manifest);
  });

  it.each(['application/json', ';;;', 'multipart/form-data', 'application/x-www-form-urlencoded'])(
    '%s does not matter to the bytes of a blob',
    async (contentType) => {
      const blob = blobOf(uniqueBytes(100));
      const headers = { 'content-type': contentType };
      const patched = await client.send('PATCH', await client.startUpload(name), {
        body: blob.bytes.subarray(0, 50),
        headers,
      });
      expectStatus(patched, 202);
      const location = client.locationOf(patched);
      const closing = `${location}${location.includes('?') ? '&' : '?'}digest=${blob.digest}`;
      expectStatus(await client.send('PUT', closing, { body: blob.bytes.subarray(50), headers }), 201);
    },
  );

  it('of an image pushed under the type of an index is refused', async () => {
    const image = tinyImage({ content: name });
    await client.pushImage(name, image);
    expectRefusal(
      await client.pushManifest(name, 'confused', { ...image, mediaType: ociTypes.index }),
      400,
      'MANIFEST_INVALID',
    );
  });
});
