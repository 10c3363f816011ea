import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Answer,
  type Blob,
  blobOf,
  descriptorOf,
  type Image,
  manifestOf,
  ociTypes,
  uniqueBytes,
  uniqueRepository,
} from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { client, target } from '../support/target.ts';

/** The storm ends after these counts, so that a slow machine reaches them, too. */
const enough = { acknowledged: 20, damages: 30, whole: 50, found: 8 } as const;
const pullsPerDamage = 4;
const layers = [500, 4_000, 70_000, 70_000, 300_000, 300_000, 1_200_000].map((size) =>
  blobOf(uniqueBytes(size)),
);
const repositories = [0, 1, 2].map((index) => uniqueRepository(`damage-${index}`));

interface Pushed {
  readonly repository: string;
  readonly tag: string;
  readonly image: Image;
}

const anyOf = <T>(items: readonly T[]): T => {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
};

/** Makes an image with three of the layers that all images share. */
function imageOf(content: string): Image {
  const config = blobOf(
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: { content } } }),
  );
  const chosen = [anyOf(layers), anyOf(layers), anyOf(layers)];
  const manifest = manifestOf(ociTypes.manifest, {
    config: descriptorOf(config, ociTypes.config),
    layers: chosen.map((blob) => descriptorOf(blob, ociTypes.layer)),
  });
  return {
    ...manifest,
    platform: { os: 'linux', architecture: 'amd64' },
    blobs: [config, ...new Set(chosen)],
  };
}

/** Flips a bit of a random object, truncates it, or deletes it. @returns whether there was one */
async function damageOne(): Promise<boolean> {
  const root = join(target.home, 'storage/blobs');
  const objects = (await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])).filter(
    (entry) => entry.isFile(),
  );
  if (objects.length === 0) return false;
  const object = anyOf(objects);
  const path = join(object.parentPath, object.name);
  try {
    if (Math.random() < 0.3) {
      await rm(path);
      return true;
    }
    await using file = await open(path, 'r+');
    const { size } = await file.stat();
    const at = Math.floor(Math.random() * size);
    if (Math.random() < 0.3) {
      await file.truncate(at);
      return true;
    }
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte.writeUInt8(byte.readUInt8() ^ 1);
    await file.write(byte, 0, 1, at);
    return true;
  } catch (error) {
    // The registry has moved it meanwhile.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

type Pull = 'whole' | 'cut' | 'unknown' | 'wrong';

/** Retries, as clients do, while the registry reports that it is busy. */
async function ask(attempt: () => Promise<Answer>): Promise<Answer> {
  for (let pauseMs = 100; ; pauseMs *= 2) {
    const answer = await attempt();
    if (answer.status !== 503 || pauseMs > 5_000) return answer;
    await sleep(pauseMs);
  }
}

/**
 * Pulls a blob like a client that does not verify it. Only `wrong` is a fault of the registry: the promised number of bytes arrived, with other
 * content.
 */
async function pullBlob(repository: string, { digest, bytes }: Blob): Promise<Pull> {
  try {
    const answer = await ask(() => client.get(`/v2/${repository}/blobs/${digest}`));
    if (answer.status === 404) return 'unknown';
    expect(answer.status).toBe(200);
    return answer.body.equals(bytes) ? 'whole' : 'wrong';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return 'cut';
    throw error;
  }
}

/** Pushes as clients do: only blobs that HEAD does not find. @returns whether everything was acknowledged */
async function push({ repository, tag, image }: Pushed): Promise<boolean> {
  for (const blob of image.blobs) {
    const head = await ask(() => client.head(`/v2/${repository}/blobs/${blob.digest}`));
    const answer = head.status === 404 ? await ask(() => client.pushBlob(repository, blob)) : head;
    expect([200, 201]).toContain(answer.status);
  }
  const answer = await ask(() => client.pushManifest(repository, tag, image));
  if (answer.status === 201) return true;
  expect(answer.codes).toEqual(expect.arrayContaining(['MANIFEST_BLOB_UNKNOWN']));
  return false;
}

describe('objects that are damaged and deleted while pushes and pulls go on', () => {
  const acknowledged: Pushed[] = [];
  const pulls: Record<Pull, number> = { whole: 0, cut: 0, unknown: 0, wrong: 0 };
  let damages = 0;

  it('are never served as whole', { timeout: 180_000 }, async () => {
    const hasSeenEnough = (): boolean =>
      acknowledged.length >= enough.acknowledged &&
      damages >= enough.damages &&
      pulls.whole >= enough.whole &&
      pulls.cut + pulls.unknown >= enough.found;
    const until = async (step: () => Promise<unknown>): Promise<void> => {
      while (!hasSeenEnough() && pulls.wrong === 0) {
        await step();
        await sleep(1);
      }
    };
    let made = 0;
    const pushOne = async (): Promise<void> => {
      made += 1;
      const pushed = { repository: anyOf(repositories), tag: `t-${made}`, image: imageOf(`image ${made}`) };
      if (await push(pushed)) acknowledged.push(pushed);
    };
    const pullOne = async (): Promise<void> => {
      if (acknowledged.length === 0) return;
      const { repository, image } = anyOf(acknowledged);
      pulls[await pullBlob(repository, anyOf(image.blobs))] += 1;
    };
    const damage = async (): Promise<void> => {
      const pulled = pulls.whole + pulls.cut + pulls.unknown;
      if (pulled >= damages * pullsPerDamage && (await damageOne())) damages += 1;
      else await sleep(20);
    };
    await Promise.all([pushOne, pushOne, pullOne, pullOne, pullOne, damage].map(until));
    console.log(`measured: ${JSON.stringify({ acknowledged: acknowledged.length, damages, ...pulls })}`);
    expect(pulls.wrong).toBe(0);
  });

  it('are whole again after a pull that fails and a push of the image', { timeout: 180_000 }, async () => {
    const stillBroken: string[] = [];
    for (const pushed of acknowledged) {
      const { repository, tag, image } = pushed;
      // The pull detects damage; the push replaces the blobs that are then unknown.
      for (const blob of image.blobs) await pullBlob(repository, blob);
      if (!(await push(pushed))) stillBroken.push(`${repository}:${tag} is not taken`);
      expect((await client.get(`/v2/${repository}/manifests/${tag}`)).body).toEqual(image.bytes);
      for (const blob of image.blobs) {
        const pulled = await pullBlob(repository, blob);
        if (pulled !== 'whole') stillBroken.push(`${repository}:${tag} ${blob.digest} is ${pulled}`);
      }
    }
    expect(stillBroken).toEqual([]);
  });
});
