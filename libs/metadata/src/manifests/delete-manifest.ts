import { digestToBytes, parseTag, type Digest, type RepositoryName, type Tag } from '@longshore/oci';
import { addEvents, type EventsOf } from '../outbox/outbox.ts';
import { voidCredentials } from '../credentials/marks.ts';
import { selectNameWithoutManifest } from '../repositories/repositories.queries.ts';
import { findRepository } from '../repositories/repositories.ts';
import { deleteTagsOfManifest, lockTagsOfManifest } from '../tags/tags.queries.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { detachChild, lockManifestForDelete, selectManifestIsChild } from './manifests.queries.ts';
import { removeManifest } from './remove-manifest.ts';

export interface DeletedManifest {
  readonly kind: 'deleted';
  readonly mediaType: string;
  readonly size: number;
  /** The tags that were deleted with the manifest. */
  readonly tags: readonly Tag[];
}

export interface DeleteManifest {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  /** What to do with a manifest that an index lists: refuse the delete, or detach it from the index. */
  readonly childOfIndex: 'refuse' | 'detach';
  /** Seconds until the manifest's blobs and children are reviewed. */
  readonly grace: number;
  readonly events?: EventsOf<DeletedManifest>;
}

export type DeleteManifestResult =
  | DeletedManifest
  | { readonly kind: 'repository-unknown' }
  | { readonly kind: 'manifest-unknown' }
  | { readonly kind: 'child-of-index' };

/** Deletes the manifest. On `deleted`, the manifest and its tags are gone on every replica. */
export async function deleteManifest(db: Db, input: DeleteManifest): Promise<DeleteManifestResult> {
  const repository = await findRepository(db, input.repository);
  if (repository === undefined) return { kind: 'repository-unknown' };
  return transact<DeleteManifestResult>(db, async (tx) => {
    // Locks the manifest before its tags: the other order deadlocks with a push of both.
    const held = await lockManifestForDelete(tx, repository, digestToBytes(input.digest)).executeTakeFirst();
    if (held === undefined) return { kind: 'manifest-unknown' };
    const { rows } = await selectManifestIsChild(held.id).execute(tx);
    if (rows[0]?.child !== false) {
      if (input.childOfIndex === 'refuse') return { kind: 'child-of-index' };
      await detachChild(tx, held.id).execute();
    }
    const tagged = await lockTagsOfManifest(tx, held.id).execute();
    const tags = tagged.length === 0 ? [] : await deleteTagsOfManifest(tx, held.id).execute();
    await removeManifest(tx, { id: held.id, repository, digest: held.digest, grace: input.grace });
    const deleted = {
      kind: 'deleted',
      mediaType: held.media_type,
      size: held.size,
      tags: tags.map((tag) => parseTag(tag.name)).toSorted(),
    } as const;
    await addEvents(tx, input.events?.(deleted) ?? []);
    await voidGrantsOnGone(tx, repository);
    return deleted;
  });
}

/**
 * With its last manifest a repository is gone for clients, so tokens for it end. A review by the collector does not end them: its client may be
 * pushing. Two deletes at a time may each see the other's manifest; the collector then marks the repository when it deletes the row.
 */
async function voidGrantsOnGone(tx: Tx, repository: number): Promise<void> {
  const gone = await selectNameWithoutManifest(tx, repository).executeTakeFirst();
  if (gone !== undefined) await voidCredentials(tx, { kind: 'repository', name: gone.name });
}
