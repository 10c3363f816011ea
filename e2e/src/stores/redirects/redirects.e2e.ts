import { createHash } from 'node:crypto';
import { blobOf, uniqueBytes } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectStatus } from '../../support/expectations.ts';
import { type Docker, startDocker } from '../../support/dockerd.ts';
import { writeRootfs } from '../../support/rootfs.ts';
import { client, imageName } from '../../support/target.ts';
import { store } from '../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// The runner's configuration excludes all other repositories from redirects.
const name = 'redirected/image';
const signed = /signature=|sig=/i;

async function signedRequests(): Promise<number> {
  return (await store.requests()).filter(({ method, url }) => method === 'GET' && signed.test(url)).length;
}

describe('GET of a blob, redirected', () => {
  it('leads to the store, which has every byte', async () => {
    const blob = blobOf(uniqueBytes(3_000_000));
    expectStatus(await client.pushBlob(name, blob), 201);
    const answer = await client.get(`/v2/${name}/blobs/${blob.digest}`);
    expectStatus(answer, 307);
    const stored = await fetch(answer.headers['location'] ?? '');
    expect(stored.status).toBe(200);
    const hash = createHash('sha256').update(new Uint8Array(await stored.arrayBuffer()));
    expect(`sha256:${hash.digest('hex')}`).toBe(blob.digest);
  });

  it('gives a part of it', async () => {
    const blob = blobOf(uniqueBytes(1_000_000));
    expectStatus(await client.pushBlob(name, blob), 201);
    const { headers } = await client.get(`/v2/${name}/blobs/${blob.digest}`);
    const stored = await fetch(headers['location'] ?? '', { headers: { range: 'bytes=500-999' } });
    expect(stored.status).toBe(206);
    expect(Buffer.from(await stored.arrayBuffer()).equals(blob.bytes.subarray(500, 1000))).toBe(true);
  });

  it('is HEAD no more than the registry knows by itself', async () => {
    const blob = blobOf(uniqueBytes(1000));
    expectStatus(await client.pushBlob(name, blob), 201);
    expectStatus(await client.head(`/v2/${name}/blobs/${blob.digest}`), 200);
  });
});

describe('docker, redirected', () => {
  const image = `${imageName(name)}:1`;
  let engine: Docker;
  let id = '';

  beforeAll(async () => {
    engine = await startDocker();
    const rootfs = await writeRootfs(await temporaryFolder('redirected'));
    id = await engine.docker('import', '--change', 'CMD ["/bin/true"]', rootfs, image);
  });
  afterAll(async () => {
    await engine.stop();
  });

  it('pulls what it has pushed, from the store', async () => {
    await engine.docker('push', image);
    await engine.docker('rmi', '-f', id);
    await store.forget();
    await engine.docker('pull', image);
    expect(await engine.docker('inspect', '--format', '{{.Id}}', image)).toBe(id);
    // The config and the layer.
    expect(await signedRequests()).toBe(2);
  });
});
