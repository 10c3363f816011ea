import type { Tx } from '../transact.ts';
import { enqueueLinkReviews } from '../reviews/reviews.queries.ts';
import { insertLink, lockLink, refreshLink, selectLinkIsReferenced, type LinkKey } from './links.queries.ts';

/**
 * Makes a repository hold a blob whose row the caller has inserted or locked, with a review due after `grace`.
 *
 * A link that is there already may need no write: locked for key share it cannot be collected, and it is safe
 * for half the grace when it is referenced (the loss of that reference will enqueue it) or young (it is queued).
 */
export async function linkBlob(tx: Tx, link: LinkKey, grace: number): Promise<void> {
  const made = await insertLink(tx, link).executeTakeFirst();
  if (made === undefined) {
    // `do nothing` locks nothing: without this a collector deletes the link after our answer.
    const held = await lockLink(tx, link, grace).executeTakeFirst();
    // Gone meanwhile: it is ours to insert.
    if (held === undefined) return linkBlob(tx, link, grace);
    if (held.young || (await isReferenced(tx, link))) return;
    await refreshLink(tx, link).execute();
  }
  await enqueueLinkReviews(link.repository, [link.digest], grace).execute(tx);
}

/** Asks in a statement of its own: the snapshot of one that waited for a lock is older than the lock. */
export async function isReferenced(tx: Tx, link: LinkKey): Promise<boolean> {
  const { rows } = await selectLinkIsReferenced(link).execute(tx);
  return rows[0]?.referenced !== false;
}
