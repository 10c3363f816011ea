import { digestToBytes, type Digest, type RepositoryName } from '@longshore/oci';
import { findRepository } from '../repositories/repositories.ts';
import { putOffLinkReview } from '../reviews/reviews.queries.ts';
import type { Db } from '../transact.ts';
import { selectLink } from './links.queries.ts';

export interface StoredBlob {
  readonly size: number;
  readonly storageKey: string;
}

export interface BlobForPush {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly grace: number;
}

/**
 * The blob for a client that may push and will not upload what is there: an answer promises that a manifest
 * which names the blob is accepted within an hour, or within the grace when that is less. A suspect blob is not there: a push mends it.
 */
export async function blobForPush(db: Db, input: BlobForPush): Promise<StoredBlob | undefined> {
  const repository = await findRepository(db, input.repository);
  if (repository === undefined) return undefined;
  const link = { repository, digest: digestToBytes(input.digest) };
  await putOffLinkReview(repository, link.digest, input.grace).execute(db);
  // After the update, never before: a collector that held the review may have taken the link meanwhile.
  const row = await selectLink(db, link).executeTakeFirst();
  if (row === undefined || row.suspect) return undefined;
  return { size: row.size, storageKey: row.storage_key };
}
