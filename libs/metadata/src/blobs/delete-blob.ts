import { digestToBytes, type Digest, type RepositoryName } from '@longshore/oci';
import { addEvents, type EventsOf } from '../outbox/outbox.ts';
import { findRepository } from '../repositories/repositories.ts';
import { enqueueBlobReview } from '../reviews/reviews.queries.ts';
import { transact, type Db } from '../transact.ts';
import { isReferenced } from './link-blob.ts';
import { deleteLink, lockLinkForDelete } from './links.queries.ts';

export interface DeleteBlob {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  /** Seconds until the blob itself is reviewed. */
  readonly grace: number;
  readonly events?: EventsOf<void>;
}

/** Takes the blob from one repository. `referenced`: a manifest there still needs the blob, and nothing was changed. */
export async function deleteBlob(db: Db, input: DeleteBlob): Promise<'deleted' | 'unknown' | 'referenced'> {
  const repository = await findRepository(db, input.repository);
  if (repository === undefined) return 'unknown';
  const link = { repository, digest: digestToBytes(input.digest) };
  return transact<'deleted' | 'unknown' | 'referenced'>(db, async (tx) => {
    const held = await lockLinkForDelete(tx, link).executeTakeFirst();
    if (held === undefined) return 'unknown';
    if (await isReferenced(tx, link)) return 'referenced';
    await deleteLink(tx, link).execute();
    await enqueueBlobReview(link.digest, input.grace).execute(tx);
    await addEvents(tx, input.events?.() ?? []);
    return 'deleted';
  });
}
