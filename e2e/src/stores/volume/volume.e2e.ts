import { setTimeout as sleep } from 'node:timers/promises';
import { blobOf, descriptorOf, manifestOf, ociTypes, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectStatus } from '../../support/expectations.ts';
import { growthDuring } from '../../support/processes.ts';
import { pullStreamed, pushStreamed } from '../../support/streamed-blob.ts';
import { client, target } from '../../support/target.ts';
import { store } from '../support/store.ts';

const { partBytes } = await store.facts();
const mebibyte = 1024 * 1024;
const bytes = Number(process.env['E2E_LAYER_BYTES'] ?? 256 * mebibyte);
/** Sizes of distribution's driver tests, if there is time for them. */
const isFull = bytes >= 1024 * mebibyte;
const readers = { count: 10, bytes: (isFull ? 128 : 32) * mebibyte };
const writers = { count: 32, bytes: (isFull ? 32 : 8) * mebibyte };
const allowedMiB = 96;
const transferMs = 1_200_000;
const name = uniqueRepository('volume');
const place = { name, timeoutMs: transferMs };

/** Pushes a blob with a manifest, so that it is not collected meanwhile. */
async function push(length: number): Promise<string> {
  const digest = await pushStreamed(client, place, length);
  const config = blobOf('{}');
  expectStatus(await client.pushBlob(name, config), 201);
  const layers = [{ mediaType: ociTypes.layer, digest, size: length }];
  const manifest = manifestOf(ociTypes.manifest, { config: descriptorOf(config, ociTypes.empty), layers });
  expectStatus(await client.pushManifest(name, digest.slice(-20), manifest), 201);
  return digest;
}

/** Retries like docker when an overloaded store refuses. */
async function pushPatiently(length: number): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await push(length);
    } catch (error) {
      if (attempt === 5) throw error;
      await sleep(5000);
    }
  }
}

const pull = (digest: string): Promise<string> => pullStreamed(client, place, digest);

async function expectGrowth(work: () => Promise<unknown>): Promise<void> {
  const { growthMiB, name: process } = await growthDuring(target.pid, work);
  console.log(`measured: grew by ${growthMiB.toFixed(0)} MiB of ${allowedMiB} at most (${process})`);
  expect(growthMiB, process).toBeLessThan(allowedMiB);
}

describe(`a blob of ${bytes / mebibyte} MiB`, { timeout: 2 * transferMs }, () => {
  let digest = '';

  beforeAll(async () => {
    // Code that has never run holds no memory, so the idle value is measured after some use of each replica.
    for (let count = 0; count < 4; count += 1) await pull(await push(3 * partBytes));
    await sleep(2000);
  });

  it(`is pushed while every process stays within ${allowedMiB} MiB of its idle value`, async () => {
    await expectGrowth(async () => {
      digest = await push(bytes);
    });
  });

  it('is pulled in the same memory, every byte of it', async () => {
    await expectGrowth(async () => expect(await pull(digest)).toBe(digest));
  });
});

describe('many at once', { timeout: transferMs }, () => {
  it(`${readers.count} pull ${readers.bytes / mebibyte} MiB in the same memory`, async () => {
    const digest = await push(readers.bytes);
    await expectGrowth(async () => {
      const pulled = await Promise.all(Array.from({ length: readers.count }, () => pull(digest)));
      expect(pulled).toEqual(Array.from({ length: readers.count }, () => digest));
    });
  });

  it(`${writers.count} push ${writers.bytes / mebibyte} MiB, in the same memory`, async () => {
    let digests: string[] = [];
    await expectGrowth(async () => {
      digests = await Promise.all(Array.from({ length: writers.count }, () => pushPatiently(writers.bytes)));
    });
    expect(new Set(digests).size).toBe(writers.count);
    const [one = ''] = digests;
    expect(await pull(one)).toBe(one);
  });
});
