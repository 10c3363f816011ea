import { type Digest, digestFromBytes, digestToBytes } from '@longshore/oci';
import type { Db } from '../transact.ts';
import { selectBlob, selectBlobs } from './blobs.queries.ts';

export interface BlobRow {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly storageKey: string;
}

/** Pages through all blobs of the registry, in the byte order of their digests. The page starts behind `after`. */
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

/** Tells whether the registry has the blob. */
export async function isBlob(db: Db, digest: Digest): Promise<boolean> {
  const row = await selectBlob(db, Buffer.from(digestToBytes(digest))).executeTakeFirst();
  return row !== undefined;
}
