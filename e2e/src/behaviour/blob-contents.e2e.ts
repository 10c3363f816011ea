import { Readable } from 'node:stream';
import { blobOf, digestOf, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectPullable } from '../support/expectations.ts';
import { client } from '../support/target.ts';

const name = uniqueRepository('contents');

describe('blobs of every kind by every method', () => {
  type Method = (digest: string, bytes: Buffer) => Promise<number>;
  const methods: Readonly<Record<string, Method>> = {
    'one POST': async (digest, bytes) =>
      (await client.send('POST', `/v2/${name}/blobs/uploads/?digest=${digest}`, { body: bytes })).status,
    'POST and PUT': async (digest, bytes) =>
      (await client.closeUpload(await client.startUpload(name), digest, bytes)).status,
    'a streamed PATCH': async (digest, bytes) => {
      const answer = await client.send('PATCH', await client.startUpload(name), {
        body: Readable.from([bytes]),
      });
      return (await client.closeUpload(client.locationOf(answer), digest)).status;
    },
    'chunks and a last one in PUT': async (digest, bytes) => {
      const half = Math.floor(bytes.length / 2);
      const location = await client.startUpload(name);
      if (half === 0) return (await client.closeUpload(location, digest, bytes)).status;
      const answer = await client.patch(location, bytes.subarray(0, half), 0);
      return (await client.closeUpload(client.locationOf(answer), digest, bytes.subarray(half))).status;
    },
  };

  const contents: Readonly<Record<string, () => Buffer>> = {
    'no byte': () => Buffer.alloc(0),
    '{}': () => Buffer.from('{}'),
    'random bytes': () => uniqueBytes(50_000),
  };

  for (const [method, push] of Object.entries(methods)) {
    for (const [content, bytesOf] of Object.entries(contents)) {
      for (const algorithm of ['sha256', 'sha512'] as const) {
        it(`takes ${content} by ${method} under ${algorithm}`, async () => {
          const bytes = bytesOf();
          const digest = digestOf(bytes, algorithm);
          expect(await push(digest, bytes)).toBe(201);
          await expectPullable(client, name, { digest, bytes });
        });
      }
    }
  }

  it('gives each of sixteen pushes of one blob at the same time a 201', async () => {
    const blob = blobOf(uniqueBytes(200_000));
    const answers = await Promise.all(Array.from({ length: 16 }, () => client.pushBlob(name, blob)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 201));
    await expectPullable(client, name, blob);
  });

  it('keeps a blob whole when one of two requests on a session closes it', async () => {
    const blob = blobOf(uniqueBytes(300_000));
    const location = await client.startUpload(name);
    const answers = await Promise.all([
      client.closeUpload(location, blob.digest, blob.bytes),
      client.closeUpload(location, blob.digest, blob.bytes),
    ]);
    expect(answers.map(({ status }) => status)).toContain(201);
    expect(answers.every(({ status }) => status < 500)).toBe(true);
    await expectPullable(client, name, blob);
  });
});
