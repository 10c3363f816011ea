import type { Tx } from '../transact.ts';
import { enqueueLinkReviews } from '../reviews/reviews.queries.ts';
import { insertLink, lockLink, refreshLink, selectLinkIsReferenced, type LinkKey } from './links.queries.ts';

/**
 * Makes a repository hold a blob whose row the caller has inserted or locked. Schedules a review after `grace`.
 *
 * An existing link may need no write. The key-share lock keeps collectors away from it. It is safe for half the grace if it is referenced (losing the
 * reference enqueues it) or young (it is queued).
 */
export async function linkBlob(tx: Tx, link: LinkKey, grace: number): Promise<void> {
  const made = await insertLink(tx, link).executeTakeFirst();
  if (made === undefined) {
    // `do nothing` takes no lock, so without this lock a collector could delete the link after our answer.
    const held = await lockLink(tx, link, grace).executeTakeFirst();
    // The link has been deleted meanwhile: insert it again.
    if (held === undefined) return linkBlob(tx, link, grace);
    if (held.young || (await isReferenced(tx, link))) return;
    await refreshLink(tx, link).execute();
  }
  await enqueueLinkReviews(link.repository, [link.digest], grace).execute(tx);
}

/** Must be a statement of its own: the snapshot of a statement that waited for a lock is older than the lock. */
export async function isReferenced(tx: Tx, link: LinkKey): Promise<boolean> {
  const { rows } = await selectLinkIsReferenced(link).execute(tx);
  return rows[0]?.referenced !== false;
}
