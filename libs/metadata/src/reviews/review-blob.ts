import { lockBlobForReview, selectBlob, selectBlobIsLinked, trashBlob } from '../blobs/blobs.queries.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { idle, kept, postponed, untilReleased, type ReviewOutcome } from './review.ts';
import { claimBlobReview, dequeueBlobReview, postponeBlobReview } from './reviews.queries.ts';

export interface ReviewBlob {
  /** Seconds until a blob that another transaction holds is reviewed again. */
  readonly grace: number;
  /** Seconds until the object may be deleted. Must exceed cached locations, signed URLs and reads in progress. */
  readonly notBeforeSeconds: number;
}

/** Claims one due review of a blob. If no repository holds the blob, deletes it and puts its key into the trash, in the same statement. */
export async function reviewBlob(db: Db, input: ReviewBlob): Promise<ReviewOutcome> {
  return transact<ReviewOutcome>(db, async (tx) => {
    const { rows } = await claimBlobReview.execute(tx);
    const claimed = rows[0];
    return claimed === undefined ? idle : carryOut(tx, claimed.digest, input);
  });
}

async function carryOut(tx: Tx, digest: Buffer, input: ReviewBlob): Promise<ReviewOutcome> {
  const row = await lockBlobForReview(tx, digest).executeTakeFirst();
  if (row === undefined && (await selectBlob(tx, digest).executeTakeFirst()) !== undefined) {
    await postponeBlobReview(digest, untilReleased(input.grace)).execute(tx);
    return postponed;
  }
  // A statement of its own: the snapshot of the locking statement would be older than its lock.
  if (row === undefined || (await isLinked(tx, digest))) {
    await dequeueBlobReview(digest).execute(tx);
    return kept;
  }
  await trashBlob(digest, input.notBeforeSeconds).execute(tx);
  await dequeueBlobReview(digest).execute(tx);
  return { kind: 'removed', size: row.size };
}

async function isLinked(tx: Tx, digest: Buffer): Promise<boolean> {
  const { rows } = await selectBlobIsLinked(digest).execute(tx);
  return rows[0]?.linked !== false;
}
