import { createHash, type Hash } from 'node:crypto';
import type { BlobRow } from '@longshore/metadata';
import { digestAlgorithm, digestHex } from '@longshore/oci';
import { isAbsent, objectKey, type StorageDriver, unlessAbsent, type ObjectKey } from '@longshore/storage';

/** The stores of a copy, and which blobs it is for. */
export interface Copying {
  readonly from: StorageDriver;
  readonly to: StorageDriver;
  /** Whether a blob is still one of the registry's. */
  readonly isWanted: (blob: BlobRow) => Promise<boolean>;
}

export type Copied = 'copied' | 'present' | 'gone';

/**
 * Copies the object of a blob to the same key of another store. It is only committed there when its bytes have the blob's digest.
 * @returns 'present' when the other store has it; 'gone' when it was collected meanwhile
 * @throws StorageError; Error when the bytes are not the blob's
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
