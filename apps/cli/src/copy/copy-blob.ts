import { createHash, type Hash } from 'node:crypto';
import type { BlobRow } from '@longshore/metadata';
import { digestAlgorithm, digestHex } from '@longshore/oci';
import { isAbsent, objectKey, type StorageDriver, unlessAbsent, type ObjectKey } from '@longshore/storage';

/** The stores of a copy, and the blobs to copy. */
export interface Copying {
  readonly from: StorageDriver;
  readonly to: StorageDriver;
  /** Tells whether the registry still has the blob. */
  readonly isWanted: (blob: BlobRow) => Promise<boolean>;
}

export type Copied = 'copied' | 'present' | 'gone';

/**
 * Copies a blob's object to the same key of another store. Commits it there only if its bytes match the blob's digest.
 * @returns 'present' if the other store has it; 'gone' if it was collected meanwhile
 * @throws StorageError; Error if the bytes do not match the blob
 */
export async function copyBlob(stores: Copying, blob: BlobRow): Promise<Copied> {
  const key = objectKey(blob.storageKey);
  if ((await unlessAbsent(stores.to.stat(key)))?.size === blob.size) return 'present';
  try {
    await copyObject(stores, blob, key);
    return 'copied';
  } catch (error) {
    if (isAbsent(error) && !(await stores.isWanted(blob))) return 'gone';
    throw error;
  }
}

async function copyObject({ from, to }: Copying, { digest, size }: BlobRow, key: ObjectKey): Promise<void> {
  const hash = createHash(digestAlgorithm(digest));
  const source: AsyncIterable<Uint8Array> = await from.read(key);
  const appended = await to.append({ key, offset: 0, state: null }, hashed(source, hash));
  const isWhole = appended.interrupted === undefined && appended.offset === size;
  if (isWhole && hash.digest('hex') === digestHex(digest)) {
    await to.commit({ key, ...appended }, key);
    return;
  }
  await to.abort(key);
  if (appended.interrupted instanceof Error) throw appended.interrupted;
  throw new Error(`the store has other bytes than the blob's (${appended.offset} of ${size})`);
}

async function* hashed(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}
