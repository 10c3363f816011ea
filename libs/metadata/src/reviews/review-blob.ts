import { lockBlobForReview, selectBlob, selectBlobIsLinked, trashBlob } from '../blobs/blobs.queries.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { idle, kept, postponed, untilReleased, type ReviewOutcome } from './review.ts';
import { claimBlobReview, dequeueBlobReview, postponeBlobReview } from './reviews.queries.ts';

export interface ReviewBlob {
  /** Seconds until a blob that somebody holds is looked at again. */
  readonly grace: number;
  /** Seconds until the object may be deleted: longer than cached locations, signed URLs and reads under way. */
  readonly notBeforeSeconds: number;
}

/** Claims one due review of a blob that may be in no repository; its key goes to the trash, in the same statement. */
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
  // The look is a statement of its own: in the one that locks, its snapshot would be older than the lock.
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
