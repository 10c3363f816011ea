import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type Image, indexOf, tinyImage, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

// The runner's configuration: a grace of two seconds, and six for untagged manifests.
const ageMs = 6_000;
const collectedMs = 60_000;

/** Checks the image's blobs, which are collected after it: a GET of the manifest would be a pull, which keeps it. */
async function expectImageCollected(name: string, image: Image): Promise<void> {
  for (const { digest } of image.blobs)
    await eventually(async () => {
      expectStatus(await client.get(`/v2/${name}/blobs/${digest}`), 404);
    }, collectedMs);
  expectStatus(await client.get(`/v2/${name}/manifests/${image.digest}`), 404);
}

// All wait most of their time, each in a repository of its own.
describe.concurrent('an image without a tag, where gc.untagged is on', () => {
  it('is collected when its tag has moved away or was deleted', async () => {
    const name = uniqueRepository('untagged');
    const moved = tinyImage({ content: `${name} moved` });
    const deleted = tinyImage({ content: `${name} deleted` });
    const current = tinyImage({ content: `${name} current` });
    await client.pushImage(name, moved, 'latest');
    await client.pushImage(name, current, 'latest');
    await client.pushImage(name, deleted, 'deleted');
    expectStatus(await client.delete(`/v2/${name}/manifests/deleted`), 202);
    await Promise.all([expectImageCollected(name, moved), expectImageCollected(name, deleted)]);
    expect((await client.get(`/v2/${name}/manifests/latest`)).body).toEqual(current.bytes);
  });

  it('stays while it is pulled, and goes after that', async () => {
    const name = uniqueRepository('untagged');
    const image = tinyImage({ content: name });
    await client.pushImage(name, image, 'latest');
    await client.pushImage(name, tinyImage({ content: `${name} new` }), 'latest');
    const until = performance.now() + ageMs * 4;
    while (performance.now() < until) {
      expectStatus(await client.head(`/v2/${name}/manifests/${image.digest}`), 200);
      await sleep(500);
    }
    await expectImageCollected(name, image);
  });

  it('goes with the index that lost its tag', async () => {
    const name = uniqueRepository('untagged');
    const child = tinyImage({ content: name });
    await client.pushImage(name, child);
    const index = indexOf([child]);
    expectStatus(await client.pushManifest(name, 'index', index), 201);
    expectStatus(await client.get(`/v2/${name}/manifests/${child.digest}`), 200);
    await sleep(ageMs * 2);
    expectStatus(await client.head(`/v2/${name}/manifests/${child.digest}`), 200);
    expectStatus(await client.delete(`/v2/${name}/manifests/index`), 202);
    await expectImageCollected(name, child);
  });
});
