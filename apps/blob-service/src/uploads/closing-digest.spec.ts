import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Digest, parseDigest } from '@longshore/oci';
import { keyOfUpload } from '@longshore/storage';
import { MemoryDriver, type MemoryOptions } from '@longshore/storage/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closingDigest, type HashedSoFar, hashedSoFar, planDigest } from './closing-digest.ts';

type Algorithm = 'sha256' | 'sha512';

const digestOf = (algorithm: Algorithm, bytes: Uint8Array): Digest =>
  parseDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);

interface Request {
  readonly bytes: Uint8Array;
  /** Whether the request had a Content-Range. */
  readonly chunked: boolean;
  readonly algorithm: Algorithm;
}

/** Returns the session as its row remembers it after all these requests. */
async function after(requests: readonly Request[]): Promise<HashedSoFar & { offset: number }> {
  let session: HashedSoFar & { offset: number } = { offset: 0, digestSoFar: undefined, hashState: undefined };
  for (const request of requests) {
    const plan = await planDigest(session, request);
    if (request.bytes.byteLength > 0) for (const digester of plan.digesters) digester.update(request.bytes);
    const hashed = hashedSoFar(session, plan, request.bytes.byteLength);
    session = { ...hashed, offset: session.offset + request.bytes.byteLength };
  }
  return session;
}

const { signal } = new AbortController();
const key = keyOfUpload('6f1a2a3e-0f6c-4f0e-9a3c-3f2b8f0f8e11');

/** Stores the bytes of an upload, and counts how often they are read again. */
async function stored(bytes: Uint8Array, like: MemoryOptions['like'] = 'file') {
  const driver = new MemoryDriver({ like });
  await driver.append({ key, offset: 0, state: null }, Readable.from([bytes]));
  const read = driver.read.bind(driver);
  const reads = { count: 0 };
  driver.read = (...parameters) => {
    reads.count += 1;
    return read(...parameters);
  };
  return { driver, reads };
}

const algorithm = fc.constantFrom<Algorithm>('sha256', 'sha512');
const request = fc.record({ bytes: fc.uint8Array({ maxLength: 50 }), chunked: fc.boolean(), algorithm });

describe('closingDigest', () => {
  it.each(['file', 'object'] as const)(
    'is the digest of all bytes for any sequence of requests, in a store like a %s',
    async (like) => {
      await fc.assert(
        fc.asyncProperty(fc.array(request, { maxLength: 6 }), algorithm, async (requests, asked) => {
          const whole = Buffer.concat(requests.map(({ bytes }) => bytes));
          const { driver } = await stored(whole, like);
          const wanted = digestOf(asked, Buffer.from('only its algorithm counts'));
          const session = await after(requests);
          expect(
            await closingDigest(driver, { ...session, key, driverState: null }, { wanted, signal }),
          ).toBe(digestOf(asked, whole));
        }),
        { numRuns: 200 },
      );
    },
  );

  const bytes = Buffer.from('the bytes');
  const wanted = digestOf('sha256', bytes);
  const cost = async (session: HashedSoFar & { offset: number }): Promise<number> => {
    const { driver, reads } = await stored(bytes);
    await closingDigest(driver, { ...session, key, driverState: null }, { wanted, signal });
    return reads.count;
  };

  it('does not reread a body that arrived whole', async () => {
    expect(await cost(await after([{ bytes, chunked: false, algorithm: 'sha256' }]))).toBe(0);
  });

  it('does not reread chunks, on any number of replicas', async () => {
    const chunks = [bytes.subarray(0, 3), bytes.subarray(3, 5), bytes.subarray(5)];
    const requests = chunks.map((part): Request => ({ bytes: part, chunked: true, algorithm: 'sha256' }));
    expect(await cost(await after(requests))).toBe(0);
  });

  it('rereads the bytes if the saved state is not one of ours', async () => {
    const session = await after([{ bytes: bytes.subarray(0, 3), chunked: true, algorithm: 'sha256' }]);
    const foreign = { ...session, hashState: Buffer.from([9, 1, 2, 3]) };
    const plan = await planDigest(foreign, { chunked: true, algorithm: 'sha256' });
    expect(plan.digesters).toEqual([]);
    expect(await cost({ ...hashedSoFar(foreign, plan, 6), offset: 9 })).toBe(1);
  });
});
