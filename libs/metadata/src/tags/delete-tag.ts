import { digestFromBytes, type Digest, type RepositoryName, type Tag } from '@longshore/oci';
import { addEvents, type EventsOf } from '../outbox/outbox.ts';
import { selectManifestDigests } from '../manifests/manifests.queries.ts';
import { findRepository } from '../repositories/repositories.ts';
import { enqueueManifestReviews } from '../reviews/reviews.queries.ts';
import { transact, type Db } from '../transact.ts';
import { deleteTagByName } from './tags.queries.ts';

export interface DeletedTag {
  readonly kind: 'deleted';
  /** The digest that the tag named. */
  readonly digest: Digest;
}

export interface DeleteTag {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  /** Seconds until the manifest is reviewed, if it has lost its last tag. */
  readonly grace: number;
  readonly events?: EventsOf<DeletedTag>;
}

export type DeleteTagResult =
  DeletedTag | { readonly kind: 'repository-unknown' } | { readonly kind: 'tag-unknown' };

/** Deletes the tag. The manifest and its other tags stay. */
export async function deleteTag(db: Db, input: DeleteTag): Promise<DeleteTagResult> {
  const repository = await findRepository(db, input.repository);
  if (repository === undefined) return { kind: 'repository-unknown' };
  return transact<DeleteTagResult>(db, async (tx) => {
    const gone = await deleteTagByName(tx, repository, input.tag).executeTakeFirst();
    if (gone === undefined) return { kind: 'tag-unknown' };
    await enqueueManifestReviews([gone.manifest_id], input.grace).execute(tx);
    // The manifest exists: the foreign key prevents its deletion until our transaction has ended.
    const manifest = await selectManifestDigests(tx, [gone.manifest_id]).executeTakeFirstOrThrow();
    const deleted = { kind: 'deleted', digest: digestFromBytes(manifest.digest) } as const;
    await addEvents(tx, input.events?.(deleted) ?? []);
    return deleted;
  });
}
