import { blobOf, digestOf, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

const name = uniqueRepository('mount-source');

describe('end-11 mount', () => {
  it('answers 201 with exactly the Location of the blob (032, suite v1.1.1)', async () => {
    const blob = blobOf(uniqueBytes(500));
    await client.pushBlob(name, blob);
    const other = uniqueRepository('mount');
    const answer = await client.send('POST', `/v2/${other}/blobs/uploads/?mount=${blob.digest}&from=${name}`);
    expectStatus(answer, 201);
    expect(answer.headers['location']).toBe(`/v2/${other}/blobs/${blob.digest}`);
    expect(answer.headers['docker-content-digest']).toBe(blob.digest);
    expect((await client.get(`/v2/${other}/blobs/${blob.digest}`)).body).toEqual(blob.bytes);
  });

  it('answers 202 with a session when the source has no such blob', async () => {
    const { digest } = blobOf(uniqueBytes(10));
    const answer = await client.send(
      'POST',
      `/v2/${uniqueRepository('mount')}/blobs/uploads/?mount=${digest}&from=${name}`,
    );
    expectStatus(answer, 202);
    expect(answer.headers['location']).toContain('/blobs/uploads/');
    expectStatus(
      await client.send(
        'POST',
        `/v2/${uniqueRepository('mount')}/blobs/uploads/?mount=${digest}&from=no/such`,
      ),
      202,
    );
  });

  it('answers a mount of an unknown digest without a source with 202 (suite v1.1.1)', async () => {
    const { digest } = blobOf(uniqueBytes(10));
    expectStatus(
      await client.send('POST', `/v2/${uniqueRepository('mount')}/blobs/uploads/?mount=${digest}`),
      202,
    );
  });

  it('finds a blob without a source where the caller may read any repository that has it', async () => {
    const blob = blobOf(uniqueBytes(500));
    await client.pushBlob(name, blob);
    const other = uniqueRepository('mount');
    expectStatus(await client.send('POST', `/v2/${other}/blobs/uploads/?mount=${blob.digest}`), 201);
    expectStatus(await client.head(`/v2/${other}/blobs/${blob.digest}`), 200);
  });

  it.each([
    `mount=sha256:short&from=${name}`,
    `mount=&from=${name}`,
    `mount=${digestOf('a')}&from=UPPER`,
    `mount=${digestOf('a')}&from=`,
  ])('answers %s, which cannot be done, with 202 and a session', async (query) => {
    const answer = await client.send('POST', `/v2/${name}/blobs/uploads/?${query}`);
    expectStatus(answer, 202);
    expect(answer.headers['location']).toContain('/blobs/uploads/');
  });
});
