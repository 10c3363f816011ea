import { digestOf, RegistryClient, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectStatus } from '../../support/expectations.ts';
import { kill } from '../../support/processes.ts';
import { untilRestarted } from '../../support/restarts.ts';
import { client, type ServiceProcess, serviceProcesses } from '../../support/target.ts';
import { store } from '../support/store.ts';

const { partBytes } = await store.facts();
const mebibyte = 1024 * 1024;

interface Door {
  readonly replica: ServiceProcess;
  readonly client: RegistryClient;
}

async function blobServices(): Promise<readonly [Door, Door]> {
  const [first, second] = (await serviceProcesses('longshore-blob-service')).map((replica) => ({
    replica,
    client: new RegistryClient(`http://${replica.http}`),
  }));
  if (first === undefined || second === undefined) throw new Error('the cluster has no two blob services');
  return [first, second];
}

/** Sends the chunks to the two replicas in turn. @returns the upload's location, the door that took the last chunk, and the other */
async function pushAlternating(name: string, bytes: Buffer, lengths: readonly number[]) {
  let [door, other] = await blobServices();
  let location = await other.client.startUpload(name);
  let offset = 0;
  for (const [index, length] of lengths.entries()) {
    if (index > 0) [door, other] = [other, door];
    const answer = await door.client.patch(location, bytes.subarray(offset, offset + length), offset);
    expectStatus(answer, 202);
    offset += length;
    expect(answer.headers['range']).toBe(`0-${offset - 1}`);
    location = door.client.locationOf(answer);
  }
  return { location, door, other };
}

describe('an upload whose chunks go to two replicas in turn', () => {
  it.each([
    ['single bytes', [1, 1, 1, 1, 1]],
    ['chunks below the size of a part', [100_000, 1, 1_500_000, 65_536, mebibyte]],
    ['chunks above the size of a part', [partBytes + 123_457, partBytes + 1]],
    ['chunks of every size', [1, partBytes - 1, 3_000_000, partBytes, 1, partBytes + 77, 250_000, 2]],
  ])('of %s is finished on the one when the other is killed', { timeout: 180_000 }, async (_, lengths) => {
    const name = uniqueRepository('chunks');
    const bytes = uniqueBytes(lengths.reduce((sum, length) => sum + length, 0));
    const digest = digestOf(bytes);
    const { location, door, other } = await pushAlternating(name, bytes, lengths);
    kill(door.replica.pid);
    expectStatus(await other.client.closeUpload(location, digest), 201);
    const pulled = await client.get(`/v2/${name}/blobs/${digest}`);
    expect(pulled.body.equals(bytes)).toBe(true);
    await untilRestarted(door.replica);
  });

  it('is closed with a digest that nobody had asked for before', { timeout: 120_000 }, async () => {
    const name = uniqueRepository('chunks');
    const bytes = uniqueBytes(3_000_000);
    const digest = digestOf(bytes, 'sha512');
    const { location, other } = await pushAlternating(name, bytes, [1_000_000, 1_999_999, 1]);
    expectStatus(await other.client.closeUpload(location, digest), 201);
    expect((await client.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true);
  });

  it('is refused when the digest is another one, on whatever replica', { timeout: 120_000 }, async () => {
    const name = uniqueRepository('chunks');
    const { location, other } = await pushAlternating(name, uniqueBytes(2_000_000), [1_000_000, 1_000_000]);
    const digest = digestOf('something else');
    expectStatus(await other.client.closeUpload(location, digest), 400);
    expectStatus(await client.get(`/v2/${name}/blobs/${digest}`), 404);
  });
});
