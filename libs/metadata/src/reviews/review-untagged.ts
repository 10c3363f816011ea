import type { Db } from '../transact.ts';
import { enqueueUntaggedReviews } from './reviews.queries.ts';

export interface ReviewUntagged {
  /** Seconds until they are looked at. */
  readonly grace: number;
  /** Manifests of one statement, at most. */
  readonly batch: number;
}

/**
 * Asks for a review of what was kept while `untagged` was `keep`, and whose review is therefore over. The age of what is
 * found counts from here. Any number of callers, at any time.
 */
export async function reviewUntagged(db: Db, { grace, batch }: ReviewUntagged, after = 0): Promise<void> {
  const { rows } = await enqueueUntaggedReviews(after, grace, batch).execute(db);
  if (rows.length < batch) return;
  await reviewUntagged(db, { grace, batch }, Math.max(...rows.map((row) => row.manifest_id)));
}
