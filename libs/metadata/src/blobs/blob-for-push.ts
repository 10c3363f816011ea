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
 * Finds the blob for a client that may push and skips the upload of a blob that exists. A found blob implies a promise: a manifest that names the
 * blob is accepted for an hour, or for the grace if that is shorter. A suspect blob counts as absent, so the client's push mends it.
 */
export async function blobForPush(db: Db, input: BlobForPush): Promise<StoredBlob | undefined> {
  const repository = await findRepository(db, input.repository);
  if (repository === undefined) return undefined;
  const link = { repository, digest: digestToBytes(input.digest) };
  await putOffLinkReview(repository, link.digest, input.grace).execute(db);
  // Reads after the update, never before: a collector that held the review may have deleted the link meanwhile.
  const row = await selectLink(db, link).executeTakeFirst();
  if (row === undefined || row.suspect) return undefined;
  return { size: row.size, storageKey: row.storage_key };
}
