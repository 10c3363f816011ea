import { type Digest, digestFromBytes, digestToBytes } from '@longshore/oci';
import type { Db } from '../transact.ts';
import { selectBlob, selectBlobs } from './blobs.queries.ts';

export interface BlobRow {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly storageKey: string;
}

/** All blobs, whoever has them, in the order of their digests' bytes: those behind `after`. */
export async function blobsPage(
  db: Db,
  { after, limit }: { readonly after?: Digest | undefined; readonly limit: number },
): Promise<BlobRow[]> {
  const behind = after === undefined ? Buffer.alloc(0) : Buffer.from(digestToBytes(after));
  const rows = await selectBlobs(db, behind, limit).execute();
  return rows.map(({ digest, size, storage_key: storageKey }) => ({
    digest: digestFromBytes(digest),
    size,
    storageKey,
  }));
}

/** Whether a blob is the registry's. */
export async function isBlob(db: Db, digest: Digest): Promise<boolean> {
  const row = await selectBlob(db, Buffer.from(digestToBytes(digest))).executeTakeFirst();
  return row !== undefined;
}
