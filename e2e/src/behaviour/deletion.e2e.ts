import { blobOf, digestOf, indexOf, tinyImage, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus, expectWhole } from '../support/expectations.ts';
import { client } from '../support/target.ts';

describe('end-9 DELETE manifest', () => {
  it('takes the manifest and every tag that points to it', async () => {
    const name = uniqueRepository('delete');
    const [image, other] = [tinyImage({ content: 'gone' }), tinyImage({ content: 'stays' })];
    for (const tag of ['one', 'two']) await client.pushImage(name, image, tag);
    await client.pushImage(name, other, 'other');
    expectStatus(await client.delete(`/v2/${name}/manifests/${image.digest}`), 202);
    for (const reference of ['one', 'two', image.digest]) {
      expectRefusal(await client.get(`/v2/${name}/manifests/${reference}`), 404, 'MANIFEST_UNKNOWN');
    }
    expect((await client.get(`/v2/${name}/tags/list`)).json().tags).toEqual(['other']);
    expectRefusal(await client.delete(`/v2/${name}/manifests/${image.digest}`), 404, 'MANIFEST_UNKNOWN');
  });

  it('takes one tag and leaves the manifest and its other tags', async () => {
    const name = uniqueRepository('delete');
    const image = tinyImage({ content: name });
    for (const tag of ['one', 'two']) await client.pushImage(name, image, tag);
    expectStatus(await client.delete(`/v2/${name}/manifests/one`), 202);
    expectStatus(await client.get(`/v2/${name}/manifests/one`), 404);
    expectStatus(await client.get(`/v2/${name}/manifests/two`), 200);
    expectStatus(await client.get(`/v2/${name}/manifests/${image.digest}`), 200);
    expectRefusal(await client.delete(`/v2/${name}/manifests/one`), 404, 'MANIFEST_UNKNOWN');
  });

  it('refuses a manifest that an index needs, and takes it once the index is gone', async () => {
    const name = uniqueRepository('delete');
    const image = tinyImage({ content: name });
    await client.pushImage(name, image);
    const index = indexOf([image]);
    expectStatus(await client.pushManifest(name, 'index', index), 201);
    const refused = await client.delete(`/v2/${name}/manifests/${image.digest}`);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
    expect(refused.codes).toHaveLength(1);
    expectStatus(await client.get(`/v2/${name}/manifests/${image.digest}`), 200);
    expectStatus(await client.delete(`/v2/${name}/manifests/${index.digest}`), 202);
    expectStatus(await client.delete(`/v2/${name}/manifests/${image.digest}`), 202);
  });

  it('can be pushed again afterwards', async () => {
    const name = uniqueRepository('delete');
    const image = tinyImage({ content: name });
    for (let round = 0; round < 3; round += 1) {
      await client.pushImage(name, image, 'latest');
      expect((await client.get(`/v2/${name}/manifests/latest`)).body).toEqual(image.bytes);
      expectStatus(await client.delete(`/v2/${name}/manifests/${image.digest}`), 202);
      expectStatus(await client.get(`/v2/${name}/manifests/latest`), 404);
    }
  });

  it('does not touch the same manifest in another repository', async () => {
    const [name, other] = [uniqueRepository('delete'), uniqueRepository('delete')];
    const image = tinyImage({ content: 'shared' });
    await client.pushImage(name, image, 'latest');
    await client.pushImage(other, image, 'latest');
    expectStatus(await client.delete(`/v2/${name}/manifests/${image.digest}`), 202);
    await expectWhole(client, other, image, 'latest');
  });
});

describe('end-10 DELETE blob', () => {
  it('hides the blob at once in this repository alone', async () => {
    const [name, other] = [uniqueRepository('delete'), uniqueRepository('delete')];
    const blob = blobOf(uniqueBytes(100));
    for (const repository of [name, other]) expectStatus(await client.pushBlob(repository, blob), 201);
    expectStatus(await client.delete(`/v2/${name}/blobs/${blob.digest}`), 202);
    expectRefusal(await client.get(`/v2/${name}/blobs/${blob.digest}`), 404, 'BLOB_UNKNOWN');
    expectRefusal(await client.delete(`/v2/${name}/blobs/${blob.digest}`), 404, 'BLOB_UNKNOWN');
    // The other repository was read before and after: no cache may make the blob visible in the first one again.
    expect((await client.get(`/v2/${other}/blobs/${blob.digest}`)).body).toEqual(blob.bytes);
    expectStatus(await client.head(`/v2/${name}/blobs/${blob.digest}`), 404);
    expectStatus(await client.pushBlob(name, blob), 201);
    expect((await client.get(`/v2/${name}/blobs/${blob.digest}`)).body).toEqual(blob.bytes);
  });

  it('refuses a blob that a manifest needs', async () => {
    const name = uniqueRepository('delete');
    const image = tinyImage({ content: name });
    await client.pushImage(name, image, 'latest');
    const [config] = image.blobs;
    const refused = await client.delete(`/v2/${name}/blobs/${config?.digest ?? ''}`);
    expect(refused.status).toBe(405);
    expect(refused.codes).toEqual(['UNSUPPORTED']);
    expectStatus(await client.get(`/v2/${name}/blobs/${config?.digest ?? ''}`), 200);
  });

  it('answers an unknown blob, and an unknown repository, with 404', async () => {
    expectStatus(await client.delete(`/v2/${uniqueRepository('none')}/blobs/${digestOf('none')}`), 404);
    expectStatus(await client.delete(`/v2/${uniqueRepository('none')}/manifests/${digestOf('none')}`), 404);
  });
});
