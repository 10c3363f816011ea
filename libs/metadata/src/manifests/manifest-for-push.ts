import {
  digestFromBytes,
  digestToBytes,
  type Digest,
  type Reference,
  type RepositoryName,
} from '@longshore/oci';
import { findRepository } from '../repositories/repositories.ts';
import { putOffManifestReview } from '../reviews/reviews.queries.ts';
import type { Db } from '../transact.ts';
import { selectManifest, selectManifestByTag } from './manifests.queries.ts';

export interface ManifestForPush {
  readonly repository: RepositoryName;
  readonly reference: Reference;
  readonly grace: number;
}

export interface FoundManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
}

/**
 * Finds the manifest for a client that may push and skips the upload of a manifest that exists. A found manifest implies a promise: an index that
 * lists it is accepted for an hour, or for the grace if that is shorter.
 */
export async function manifestForPush(db: Db, input: ManifestForPush): Promise<FoundManifest | undefined> {
  const repository = await findRepository(db, input.repository);
  if (repository === undefined) return undefined;
  const { reference } = input;
  const select = () =>
    (reference.kind === 'tag'
      ? selectManifestByTag(db, repository, reference.tag)
      : selectManifest(db, repository, digestToBytes(reference.digest))
    ).executeTakeFirst();
  const found = await select();
  if (found === undefined) return undefined;
  await putOffManifestReview(found.id, input.grace).execute(db);
  // Reads again after the update: a collector that held the review may have deleted the manifest meanwhile.
  const row = await select();
  return row && { digest: digestFromBytes(row.digest), mediaType: row.media_type, size: row.size };
}
