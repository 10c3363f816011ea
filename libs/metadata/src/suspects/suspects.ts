import { digestFromBytes, digestToBytes, type Digest } from '@longshore/oci';
import type { Db } from '../transact.ts';
import { claimDueSuspect, markSuspect, unmarkSuspect, type ObjectOfBlob } from './suspects.queries.ts';

/** A blob and the object that was read for it. */
export interface BlobObject {
  readonly digest: Digest;
  readonly storageKey: string;
}

export interface SuspectBlob extends BlobObject {
  /** Bytes. */
  readonly size: number;
  readonly since: Date;
}

/**
 * Records that the object of a blob is damaged or lost. From then on no repository has the blob, for pulls, mounts and manifests alike, until
 * `clearSuspect` or a push of the same bytes. Returns false if that is already recorded, or if the blob has another object by now.
 */
export async function suspectBlob(db: Db, object: BlobObject): Promise<boolean> {
  return (await markSuspect(db, toRow(object)).executeTakeFirst()) !== undefined;
}

/**
 * Claims a suspect blob whose object should be read again, outside any transaction. Each goes to one caller at a time. While it stays suspect it
 * comes again after pauses that double, none below `pauseSeconds`.
 */
export async function claimSuspect(
  db: Db,
  { pauseSeconds }: { readonly pauseSeconds: number },
): Promise<SuspectBlob | undefined> {
  const { rows } = await claimDueSuspect(pauseSeconds).execute(db);
  const row = rows[0];
  return (
    row && {
      digest: digestFromBytes(row.digest),
      size: row.size,
      storageKey: row.storage_key,
      since: row.suspect_since,
    }
  );
}

/** Call it after the object was read whole. Returns false if the blob has another object by now, or is no longer suspect. */
export async function clearSuspect(db: Db, object: BlobObject): Promise<boolean> {
  return (await unmarkSuspect(db, toRow(object)).executeTakeFirst()) !== undefined;
}

function toRow({ digest, storageKey }: BlobObject): ObjectOfBlob {
  return { digest: digestToBytes(digest), storageKey };
}
