import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseDigest } from '@longshore/oci';
import { isLending, objectKey, StorageError } from '@longshore/storage';
import { createStorageDriver } from '@longshore/stores';
import { afterAll, describe, expect, it } from 'vitest';
import { BlobDamaged, checkedBody, type ObjectFault } from './checked-body.ts';

const root = await mkdtemp(join(tmpdir(), 'checked-body-'));
afterAll(() => rm(root, { recursive: true }));

const content = Buffer.alloc(600_000, 'layer ');
const wrong = Buffer.from(content);
wrong.writeUInt8(wrong.readUInt8(5) ^ 1, 5);
const digestOf = (algorithm: string) =>
  parseDigest(`${algorithm}:${createHash(algorithm).update(content).digest('hex')}`);

const chunksOf = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, at) =>
    bytes.subarray(at * 65_536, (at + 1) * 65_536),
  );
const given = async (bytes: Buffer): Promise<Readable> => Readable.from(chunksOf(bytes));
const lent = async (bytes: Buffer): Promise<Readable> => {
  const driver = await createStorageDriver({ filesystem: { rootdirectory: root } });
  const key = objectKey('uploads/1');
  await driver.put(key, bytes);
  return driver.read(key);
};

interface Received {
  readonly bytes: number;
  readonly faults: readonly ObjectFault[];
  readonly error: unknown;
}

/** Reads like the HTTP layer: a body that can lend is lent. */
async function receive(
  body: Readable,
  digest = digestOf('sha256'),
  size = content.length,
): Promise<Received> {
  const faults: ObjectFault[] = [];
  const checked = checkedBody(body, { size, digest, failed: (fault) => faults.push(fault) });
  let bytes = 0;
  const use = async (chunk: Uint8Array): Promise<void> => void (bytes += chunk.byteLength);
  try {
    if (isLending(checked)) await checked.lend(use);
    else for await (const chunk of checked) await use(chunk);
    return { bytes, faults, error: undefined };
  } catch (error) {
    return { bytes, faults, error };
  }
}

describe.each([
  ['given', given],
  ['lent', lent],
])('checkedBody of a stream whose chunks are %s', (_, open) => {
  it.each(['sha256', 'sha512'])('lets the right bytes pass (%s)', async (algorithm) => {
    const received = await receive(await open(content), digestOf(algorithm));
    expect(received).toEqual({ bytes: content.length, faults: [], error: undefined });
  });

  it('fails before the last byte when one bit is wrong', async () => {
    const { bytes, faults, error } = await receive(await open(wrong));
    expect(bytes).toBeLessThan(content.length);
    expect(error).toBeInstanceOf(BlobDamaged);
    expect(faults).toEqual(['digest']);
  });
});

describe('checkedBody', () => {
  it.each([
    ['corrupt', ['length']],
    ['absent', ['absent']],
    ['unavailable', []],
  ] as const)('reports a store that fails as "%s" midway with the faults %j', async (kind, faults) => {
    const failing = Readable.from(
      (async function* () {
        yield content.subarray(0, 10);
        throw new StorageError(kind, { driver: 'x' });
      })(),
    );
    expect(await receive(failing)).toMatchObject({ faults, error: { kind } });
  });

  it('reports no fault of an object when the reader goes away', async () => {
    const faults: ObjectFault[] = [];
    const body = checkedBody(await given(content), {
      size: content.length,
      digest: digestOf('sha256'),
      failed: (fault) => faults.push(fault),
    });
    for await (const _ of body) break;
    expect(faults).toEqual([]);
  });
});
