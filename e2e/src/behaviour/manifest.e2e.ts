import {
  type Answer,
  blobOf,
  descriptorOf,
  digestOf,
  dockerTypes,
  indexOf,
  type Manifest,
  manifestOf,
  ociTypes,
  tinyImage,
  uniqueBytes,
  uniqueRepository,
} from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

const name = uniqueRepository('manifest');
const config = blobOf(`{"name":"${name}"}`);
const layer = blobOf(uniqueBytes(1000));
const empty = blobOf('{}');
const parts = {
  config: descriptorOf(config, ociTypes.config),
  layers: [descriptorOf(layer, ociTypes.layer)],
};

function manifest(fields: Readonly<Record<string, unknown>> = {}): Manifest {
  return manifestOf(ociTypes.manifest, {
    ...parts,
    annotations: { unique: uniqueBytes(8).toString('hex') },
    ...fields,
  });
}

async function expectStored({ digest, bytes, mediaType }: Manifest, reference = digest): Promise<void> {
  const answer = await client.get(`/v2/${name}/manifests/${reference}`);
  expectStatus(answer, 200);
  expect(answer.body.equals(bytes)).toBe(true);
  expect(answer.headers).toMatchObject({ 'content-type': mediaType, 'docker-content-digest': digest });
}

function filled(size: number): Manifest {
  const bare = manifest({ annotations: { filler: '' } });
  return manifest({ annotations: { filler: 'x'.repeat(size - bare.bytes.length) } });
}

function guardedPut(
  { bytes, mediaType }: Manifest,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return client.send('PUT', `/v2/${name}/manifests/guarded`, {
    body: bytes,
    headers: { 'content-type': mediaType, ...headers },
  });
}

beforeAll(async () => {
  for (const blob of [config, layer, empty]) expectStatus(await client.pushBlob(name, blob), 201);
});

describe('end-7 PUT manifest', () => {
  it('answers 201 with Location and digest, by tag and by digest', async () => {
    const pushed = manifest();
    for (const reference of ['one', pushed.digest]) {
      const answer = await client.pushManifest(name, reference, pushed);
      expectStatus(answer, 201);
      expect(client.locationOf(answer)).toBe(`/v2/${name}/manifests/${pushed.digest}`);
      expect((await client.get(client.locationOf(answer))).body).toEqual(pushed.bytes);
      expect(answer.headers['docker-content-digest']).toBe(pushed.digest);
    }
    await expectStored(pushed);
    await expectStored(pushed, 'one');
  });

  it('refuses bytes that are not the digest of the path with 400 DIGEST_INVALID', async () => {
    expectRefusal(await client.pushManifest(name, digestOf('other'), manifest()), 400, 'DIGEST_INVALID');
    expectStatus(await client.head(`/v2/${name}/manifests/${digestOf('other')}`), 404);
  });

  it('takes exactly 4 MiB and refuses one byte more with 413', async () => {
    const largest = filled(4 * 1024 * 1024);
    expect(largest.bytes).toHaveLength(4 * 1024 * 1024);
    expectStatus(await client.pushManifest(name, 'largest', largest), 201);
    await expectStored(largest, 'largest');
    expectRefusal(
      await client.pushManifest(name, 'too-large', filled(4 * 1024 * 1024 + 1)),
      413,
      'SIZE_INVALID',
      'MANIFEST_INVALID',
    );
    expectStatus(await client.head(`/v2/${name}/manifests/too-large`), 404);
  });

  it('takes Docker manifests and lists as they are', async () => {
    const image = tinyImage({ content: 'docker', types: dockerTypes });
    await client.pushImage(name, image, 'docker');
    await expectStored(image, 'docker');
    const list = indexOf([image], {}, dockerTypes.list);
    expectStatus(await client.pushManifest(name, 'list', list), 201);
    await expectStored(list, 'list');
  });

  it('takes an artifact without layers and with a config type of its own', async () => {
    const artifact = manifest({
      artifactType: 'application/vnd.example.artifact',
      config: descriptorOf(empty, ociTypes.empty),
      layers: [],
    });
    expectStatus(await client.pushManifest(name, artifact.digest, artifact), 201);
    await expectStored(artifact);
    const typed = manifest({ config: descriptorOf(config, 'application/vnd.example.config+json') });
    expectStatus(await client.pushManifest(name, typed.digest, typed), 201);
  });

  it('keeps fields that it does not know, data, spaces and the order of keys', async () => {
    const text = `{ "schemaVersion": 2,\n  "x-unknown": {"deep": [1, 2.50, 1e3, "\\u00e9"]},\n  "mediaType": "${ociTypes.manifest}",\n  "config": ${JSON.stringify({ ...descriptorOf(empty, ociTypes.empty), data: 'e30=' })}, "layers": [] }\n`;
    const bytes = Buffer.from(text);
    const pushed = { mediaType: ociTypes.manifest, bytes, digest: digestOf(bytes) };
    expectStatus(await client.pushManifest(name, 'unknown-fields', pushed), 201);
    await expectStored(pushed, 'unknown-fields');
  });

  it('takes a subject that is not there and says that it knows subjects', async () => {
    const subject = { mediaType: ociTypes.manifest, digest: digestOf(uniqueBytes(8)), size: 8 };
    const referrer = manifest({ subject });
    const answer = await client.pushManifest(name, referrer.digest, referrer);
    expectStatus(answer, 201);
    expect(answer.headers['oci-subject']).toBe(subject.digest);
  });

  it('lists every missing blob in one refusal', async () => {
    const missing = [blobOf(uniqueBytes(10)), blobOf(uniqueBytes(10)), blobOf(uniqueBytes(10))];
    const pushed = manifest({
      layers: [
        descriptorOf(layer, ociTypes.layer),
        ...missing.map((blob) => descriptorOf(blob, ociTypes.layer)),
      ],
    });
    const answer = await client.pushManifest(name, pushed.digest, pushed);
    expectRefusal(answer, 400, 'MANIFEST_BLOB_UNKNOWN');
    const details = JSON.stringify(answer.json().errors);
    for (const { digest } of missing) expect(details).toContain(digest);
    expect(details).not.toContain(layer.digest);
    expectStatus(await client.head(`/v2/${name}/manifests/${pushed.digest}`), 404);
  });

  it('does not take a blob of another repository for its own', async () => {
    const other = uniqueRepository('manifest');
    await client.pushBlob(other, config);
    const pushed = manifest();
    expectRefusal(await client.pushManifest(other, pushed.digest, pushed), 400, 'MANIFEST_BLOB_UNKNOWN');
  });

  it('takes foreign layers with urls that nobody pushed', async () => {
    const foreign = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: digestOf(uniqueBytes(8)),
      size: 8,
      urls: ['https://example.com/layer'],
    };
    const pushed = manifest({ layers: [foreign] });
    expectStatus(await client.pushManifest(name, pushed.digest, pushed), 201);
  });

  it('takes the cache index of BuildKit, whose children are blobs', async () => {
    const cache = manifestOf(ociTypes.index, {
      manifests: [
        descriptorOf(layer, ociTypes.layer),
        descriptorOf(config, 'application/vnd.buildkit.cacheconfig.v0'),
      ],
    });
    expectStatus(await client.pushManifest(name, 'cache', cache), 201);
    await expectStored(cache, 'cache');
    expectStatus(await client.head(`/v2/${name}/blobs/${layer.digest}`), 200);
  });

  it('takes a sparse index, some of whose children nobody pushed', async () => {
    const child = manifest();
    expectStatus(await client.pushManifest(name, child.digest, child), 201);
    const sparse = indexOf([child, manifest()]);
    expectStatus(await client.pushManifest(name, 'sparse', sparse), 201);
    await expectStored(sparse, 'sparse');
  });

  it('takes an index in an index, and an empty one', async () => {
    const child = manifest();
    expectStatus(await client.pushManifest(name, child.digest, child), 201);
    const inner = indexOf([child], { annotations: { unique: name } });
    expectStatus(await client.pushManifest(name, inner.digest, inner), 201);
    const outer = indexOf([inner]);
    expectStatus(await client.pushManifest(name, 'outer', outer), 201);
    const none = indexOf([], { annotations: { unique: name } });
    expectStatus(await client.pushManifest(name, 'none', none), 201);
    await expectStored(outer, 'outer');
    await expectStored(none, 'none');
  });

  it('refuses schema 1 with a message that says so', async () => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 1, name, tag: 'old', fsLayers: [] }));
    for (const mediaType of [
      'application/vnd.docker.distribution.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
    ]) {
      const answer = await client.pushManifest(name, 'old', { mediaType, bytes, digest: digestOf(bytes) });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.codes).toHaveLength(1);
    }
    expectStatus(await client.head(`/v2/${name}/manifests/old`), 404);
  });

  it('sets every tag of ?tag= and names them in OCI-Tag', async () => {
    const pushed = manifest();
    const tags = Array.from({ length: 10 }, (_, index) => `param-${index}`);
    const answer = await client.pushManifest(
      name,
      pushed.digest,
      pushed,
      `?${tags.map((tag) => `tag=${tag}`).join('&')}`,
    );
    expectStatus(answer, 201);
    expect(answer.headers['oci-tag']?.split(/, */).toSorted()).toEqual(tags);
    for (const tag of tags) await expectStored(pushed, tag);
  });

  it('refuses a tag that is none in ?tag=, and then sets no tag at all', async () => {
    const pushed = manifest();
    expectRefusal(
      await client.pushManifest(name, pushed.digest, pushed, '?tag=fine&tag=-bad'),
      400,
      'TAG_INVALID',
    );
    expectStatus(await client.head(`/v2/${name}/manifests/fine`), 404);
  });

  it('refuses too many tags with 414', async () => {
    const pushed = manifest();
    const query = `?${Array.from({ length: 2000 }, (_, index) => `tag=t${index}`).join('&')}`;
    const answer = await client.pushManifest(name, pushed.digest, pushed, query);
    expectStatus(answer, 414);
    expect(answer.codes).toHaveLength(1);
  });

  it('stores under sha512 what is pushed by sha512', async () => {
    const pushed = manifest();
    const digest = digestOf(pushed.bytes, 'sha512');
    const answer = await client.pushManifest(name, digest, pushed, '?tag=long');
    expectStatus(answer, 201);
    expect(answer.headers['docker-content-digest']).toBe(digest);
    await expectStored({ ...pushed, digest });
    await expectStored({ ...pushed, digest }, 'long');
  });

  it('leaves one whole winner of many pushes to one tag, and every one of them by digest', async () => {
    const pushes = Array.from({ length: 12 }, () => manifest());
    const answers = await Promise.all(pushes.map((pushed) => client.pushManifest(name, 'contended', pushed)));
    expect(answers.map(({ status }) => status)).toEqual(pushes.map(() => 201));
    const { body } = await client.get(`/v2/${name}/manifests/contended`);
    expect(pushes.filter(({ bytes }) => bytes.equals(body))).toHaveLength(1);
    for (const pushed of pushes) await expectStored(pushed);
  });

  it('takes the same manifest again, also many times at once', async () => {
    const pushed = manifest();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => client.pushManifest(name, 'again', pushed)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    await expectStored(pushed, 'again');
  });

  it('can be read at once on whatever replica', async () => {
    for (let round = 0; round < 20; round += 1) {
      const pushed = manifest();
      expectStatus(await client.pushManifest(name, pushed.digest, pushed), 201);
      await expectStored(pushed);
    }
  });

  it('moves a tag only while If-Match names what it points to', async () => {
    const [first, second, third] = [manifest(), manifest(), manifest()];
    expectStatus(await guardedPut(first, { 'if-none-match': '*' }), 201);
    expectStatus(await guardedPut(second, { 'if-none-match': '*' }), 412);
    expectStatus(await guardedPut(second, { 'if-match': `"${first.digest}"` }), 201);
    const late = await guardedPut(third, { 'if-match': `"${first.digest}"` });
    expectRefusal(late, 412, 'PRECONDITION_FAILED');
    await expectStored(second, 'guarded');
  });

  it('lets one of many pushes with the same If-Match win', async () => {
    const first = manifest();
    expectStatus(await client.pushManifest(name, 'race', first), 201);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => {
        const pushed = manifest();
        return client.send('PUT', `/v2/${name}/manifests/race`, {
          body: pushed.bytes,
          headers: { 'content-type': pushed.mediaType, 'if-match': `"${first.digest}"` },
        });
      }),
    );
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      201, 412, 412, 412, 412, 412, 412, 412,
    ]);
  });

  it.each([
    'application/vnd.oci.image.layer.v1.tar+zstd',
    'application/vnd.wasm.content.layer.v1+wasm',
    'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    'application/vnd.in-toto+json',
    'text/spdx+json',
  ])('takes layers of the type %s', async (mediaType) => {
    const pushed = manifest({ layers: [descriptorOf(layer, mediaType)] });
    expectStatus(await client.pushManifest(name, pushed.digest, pushed), 201);
    await expectStored(pushed);
  });
});
