import { isReferenced } from '../blobs/link-blob.ts';
import { deleteLink, lockLinkForReview, selectLink, type LinkKey } from '../blobs/links.queries.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { idle, kept, postponed, untilReleased, untilStale, type ReviewOutcome } from './review.ts';
import {
  claimLinkReview,
  dequeueLinkReview,
  enqueueBlobReview,
  postponeLinkReview,
} from './reviews.queries.ts';

/**
 * Claims one due review of a link between a repository and a blob, and carries it out. Any number of callers may run it: each due row goes to one of
 * them.
 */
export async function reviewLink(db: Db, { grace }: { readonly grace: number }): Promise<ReviewOutcome> {
  return transact<ReviewOutcome>(db, async (tx) => {
    const { rows } = await claimLinkReview.execute(tx);
    const claimed = rows[0];
    if (claimed === undefined) return idle;
    return carryOut(tx, { repository: claimed.repository_id, digest: claimed.digest }, grace);
  });
}

async function carryOut(tx: Tx, link: LinkKey, grace: number): Promise<ReviewOutcome> {
  const { repository, digest } = link;
  const row = await lockLinkForReview(tx, link, grace).executeTakeFirst();
  if (row === undefined && (await selectLink(tx, link).executeTakeFirst()) !== undefined) {
    await postponeLinkReview(repository, digest, untilReleased(grace)).execute(tx);
    return postponed;
  }
  if (row === undefined || (await isReferenced(tx, link))) {
    await dequeueLinkReview(repository, digest).execute(tx);
    return kept;
  }
  if (row.fresh) {
    await postponeLinkReview(repository, digest, untilStale(row.fresh_seconds, grace)).execute(tx);
    return postponed;
  }
  await deleteLink(tx, link).execute();
  await enqueueBlobReview(digest, grace).execute(tx);
  await dequeueLinkReview(repository, digest).execute(tx);
  return { kind: 'removed', size: 0 };
}
