import type { Db } from '../transact.ts';
import { enqueueUntaggedReviews } from './reviews.queries.ts';

export interface ReviewUntagged {
  /** Seconds until the manifests are reviewed. */
  readonly grace: number;
  /** Most manifests in one statement. */
  readonly batch: number;
}

/**
 * Enqueues reviews of manifests that were kept while `untagged` was `keep`, since their earlier reviews are over. Their age counts from here. Any
 * number of callers may run it at any time.
 */
export async function reviewUntagged(db: Db, { grace, batch }: ReviewUntagged, after = 0): Promise<void> {
  const { rows } = await enqueueUntaggedReviews(after, grace, batch).execute(db);
  if (rows.length < batch) return;
  await reviewUntagged(db, { grace, batch }, Math.max(...rows.map((row) => row.manifest_id)));
}
