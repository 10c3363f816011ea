import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  blobOf,
  descriptorOf,
  eventually,
  type Image,
  indexOf,
  manifestOf,
  ociTypes,
  tinyImage,
  uniqueBytes,
  uniqueRepository,
} from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectStatus, expectWhole } from '../support/expectations.ts';
import { client, target } from '../support/target.ts';

// The runner's configuration: a grace of two seconds, a round every half second.
const graceMs = 2000;
const collectedMs = 40_000;

/** Uses GET: HEAD by a client that may push announces a push, and postpones the review. */
async function expectCollected(path: string): Promise<void> {
  await eventually(async () => {
    expectStatus(await client.get(path), 404);
  }, collectedMs);
}

/** Checks the image's blobs, which are collected after it: a GET of the manifest would be a pull, which keeps it. */
async function expectImageCollected(name: string, image: Image): Promise<void> {
  for (const { digest } of image.blobs) await expectCollected(`/v2/${name}/blobs/${digest}`);
  expectStatus(await client.get(`/v2/${name}/manifests/${image.digest}`), 404);
}

async function storedObjects(): Promise<number> {
  const folder = join(target.home, 'storage');
  return (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    .length;
}

describe('the files of what nobody needs', () => {
  it('a manifest that nobody tagged or pulled is collected, and its blobs and their files after it', async () => {
    const name = uniqueRepository('garbage');
    const image = tinyImage({ content: name, layers: 5 });
    const before = await storedObjects();
    await client.pushImage(name, image);
    await expectImageCollected(name, image);
    await eventually(async () => {
      expect(await storedObjects()).toBeLessThanOrEqual(before);
    }, collectedMs);
  });
});

// All wait most of their time, each in repositories of its own.
describe.concurrent('what nobody needs', () => {
  it('a blob without a manifest is collected', async () => {
    const name = uniqueRepository('garbage');
    const blob = blobOf(uniqueBytes(1000));
    await client.pushBlob(name, blob);
    await expectCollected(`/v2/${name}/blobs/${blob.digest}`);
  });

  it('an image that was deleted by its digest is collected', async () => {
    const name = uniqueRepository('garbage');
    const image = tinyImage({ content: name });
    await client.pushImage(name, image, 'latest');
    expectStatus(await client.delete(`/v2/${name}/manifests/${image.digest}`), 202);
    await expectImageCollected(name, image);
  });

  it('referrers go when their subject has gone', async () => {
    const name = uniqueRepository('garbage');
    const { subject, referrer } = await pushReferrer(name);
    expectStatus(await client.delete(`/v2/${name}/manifests/${subject.digest}`), 202);
    await expectCollected(`/v2/${name}/manifests/${referrer.digest}`);
  });

  it('an image that was collected can be pushed again', async () => {
    const name = uniqueRepository('garbage');
    const image = tinyImage({ content: name });
    await client.pushImage(name, image);
    await expectImageCollected(name, image);
    await client.pushImage(name, image, 'back');
    await expectWhole(client, name, image);
  });
});

describe.concurrent('what somebody may still run', () => {
  it('stays: an image whose tag moved away or was deleted, and one that was pulled by its digest', async () => {
    const name = uniqueRepository('kept');
    const moved = tinyImage({ content: `${name} moved` });
    const deleted = tinyImage({ content: `${name} deleted` });
    const pulled = tinyImage({ content: `${name} pulled` });
    await client.pushImage(name, moved, 'latest');
    await client.pushImage(name, tinyImage({ content: `${name} new` }), 'latest');
    await client.pushImage(name, deleted, 'deleted');
    expectStatus(await client.delete(`/v2/${name}/manifests/deleted`), 202);
    await client.pushImage(name, pulled);
    // Uses HEAD, like a node that has the image.
    expectStatus(await client.head(`/v2/${name}/manifests/${pulled.digest}`), 200);
    await sleep(graceMs * 6);
    for (const image of [moved, deleted, pulled]) await expectWhole(client, name, image);
  });
});

describe.concurrent('what somebody needs', () => {
  it('stays: a tagged image, the children of a tagged index, the referrers of a live subject', async () => {
    const name = uniqueRepository('kept');
    const image = tinyImage({ content: `${name} tagged` });
    await client.pushImage(name, image, 'tagged');
    const child = tinyImage({ content: `${name} child` });
    await client.pushImage(name, child);
    expectStatus(await client.pushManifest(name, 'index', indexOf([child])), 201);
    const { referrer } = await pushReferrer(name);
    await sleep(graceMs * 4);
    for (const kept of [image, child]) await expectWhole(client, name, kept);
    expectStatus(await client.head(`/v2/${name}/manifests/${referrer.digest}`), 200);
  });

  it('stays in one repository when it is collected in another', async () => {
    const [name, other] = [uniqueRepository('kept'), uniqueRepository('garbage')];
    const image = tinyImage({ content: name });
    await client.pushImage(name, image, 'latest');
    await client.pushImage(other, image);
    await expectImageCollected(other, image);
    await sleep(graceMs * 2);
    await expectWhole(client, name, image);
  });
});

describe('a collector beside pushes', () => {
  it('takes nothing of what was acknowledged', { timeout: 120_000 }, async () => {
    const name = uniqueRepository('busy');
    const kept: Image[] = [];
    const until = performance.now() + 25_000;
    await Promise.all(
      [0, 1, 2, 3].map(async (worker) => {
        for (let round = 0; performance.now() < until; round += 1) {
          // Layers repeat, so that a push meets blobs that a collector has just reviewed.
          const image = tinyImage({ content: `busy ${(worker * 7 + round) % 20}`, layers: 2 });
          await client.pushImage(name, image, `keep-${worker}-${round}`);
          kept.push(image);
          if (round % 3 === 0)
            await client.delete(`/v2/${name}/manifests/keep-${worker}-${Math.max(round - 3, 0)}`);
          if (round % 10 === 0) await sleep(graceMs);
        }
      }),
    );
    await sleep(graceMs * 3);
    const { tags = [] } = (await client.get(`/v2/${name}/tags/list`)).json();
    expect(tags.length).toBeGreaterThan(20);
    for (const tag of tags) {
      const answer = await client.get(`/v2/${name}/manifests/${tag}`);
      expectStatus(answer, 200);
      const image = kept.find(({ bytes }) => bytes.equals(answer.body));
      expect(image).toBeDefined();
      for (const { digest } of image?.blobs ?? [])
        expectStatus(await client.head(`/v2/${name}/blobs/${digest}`), 200);
    }
  });
});

async function pushReferrer(name: string) {
  const subject = tinyImage({ content: `${name} subject` });
  await client.pushImage(name, subject, 'subject');
  const empty = blobOf('{}');
  await client.pushBlob(name, empty);
  const referrer = manifestOf(ociTypes.manifest, {
    artifactType: 'application/vnd.example.signature',
    config: descriptorOf(empty, ociTypes.empty),
    layers: [],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.bytes.length },
  });
  expectStatus(await client.pushManifest(name, referrer.digest, referrer), 201);
  return { subject, referrer };
}
