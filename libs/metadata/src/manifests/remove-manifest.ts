import { enqueueLinkReviews, enqueueLostManifestReviews } from '../reviews/reviews.queries.ts';
import type { Tx } from '../transact.ts';
import { deleteManifestRow, selectChildIds, selectManifestBlobs } from './manifests.queries.ts';

export interface RemovedManifest {
  readonly id: number;
  readonly repository: number;
  readonly digest: Buffer;
  readonly grace: number;
}

/**
 * Deletes a manifest that the caller has locked and found unreferenced. Enqueues reviews of its references: manifests by id, then links by digest.
 * The other order deadlocks two deletes.
 */
export async function removeManifest(tx: Tx, manifest: RemovedManifest): Promise<void> {
  const children = (await selectChildIds(manifest.id).execute(tx)).rows;
  const blobs = (await selectManifestBlobs(manifest.id).execute(tx)).rows;
  await deleteManifestRow(tx, manifest.id).execute();
  await enqueueLostManifestReviews({ ...manifest, children: children.map((row) => row.child_id) }).execute(
    tx,
  );
  const digests = blobs.map((row) => row.digest);
  if (digests.length > 0) await enqueueLinkReviews(manifest.repository, digests, manifest.grace).execute(tx);
}
