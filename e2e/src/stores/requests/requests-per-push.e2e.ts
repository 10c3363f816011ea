import { type Blob, blobOf, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SeenRequest } from '../../runner/stores/store-control.ts';
import { expectStatus } from '../../support/expectations.ts';
import { client } from '../../support/target.ts';
import { store } from '../support/store.ts';

const { name: kind, partBytes } = await store.facts();
/** Requests according to docs/adr/0009: the object is put, and checked. */
const perSmallPush: Readonly<Record<string, number>> = { s3: 2, azure: 2, swift: 2, oss: 2 };
const name = uniqueRepository('requests');

async function push(blob: Blob): Promise<void> {
  expectStatus(await client.pushBlob(name, blob), 201);
}

/** Returns the requests about one upload, since the collector also uses the store meanwhile. */
async function requestsOfPush(blob: Blob): Promise<readonly SeenRequest[]> {
  await store.forget();
  const location = await client.startUpload(name);
  expectStatus(await client.closeUpload(location, blob.digest, blob.bytes), 201);
  const id = /uploads\/([^/?]+)/.exec(location)?.[1] ?? '';
  return (await store.requests()).filter(({ url }) => url.includes(id));
}

describe('what a push costs the store', () => {
  beforeAll(async () => {
    // Warms up connections, a token, and the state that each replica learns about the store at its first object.
    for (let count = 0; count < 8; count += 1) await push(blobOf(uniqueBytes(1024)));
  });

  it('is as many requests for a blob of 1 KiB as the reference says', async () => {
    for (let count = 0; count < 6; count += 1) {
      const requests = await requestsOfPush(blobOf(uniqueBytes(1024)));
      expect(requests, JSON.stringify(requests)).toHaveLength(perSmallPush[kind] ?? 0);
    }
  });

  it('is no copy of an object: in one go, in chunks, in parts, and when it is mounted', async () => {
    const large = blobOf(uniqueBytes(2 * partBytes + 1));
    const chunked = blobOf(uniqueBytes(partBytes + 500_000));
    await store.forget();
    await push(blobOf(uniqueBytes(100_000)));
    await push(large);
    let location = await client.startUpload(name);
    for (let start = 0; start < chunked.bytes.length; start += 4_000_000) {
      const answer = await client.patch(location, chunked.bytes.subarray(start, start + 4_000_000), start);
      expectStatus(answer, 202);
      location = client.locationOf(answer);
    }
    expectStatus(await client.closeUpload(location, chunked.digest), 201);
    const mounted = `/v2/${uniqueRepository('requests')}/blobs/uploads/?mount=${large.digest}&from=${name}`;
    expectStatus(await client.send('POST', mounted), 201);
    const requests = await store.requests();
    expect(requests.length).toBeGreaterThan(8);
    expect(requests.filter(({ copiesFrom }) => copiesFrom !== undefined)).toEqual([]);
  });
});
