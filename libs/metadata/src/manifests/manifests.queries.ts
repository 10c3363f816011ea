import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

/** Locks in one order for all callers. Includes digests of children, because some clients put blobs where manifests belong. */
export const lockLinks = (repository: number, digests: readonly Buffer[]) => sql<{
  digest: Buffer;
  suspect: boolean;
}>`
  select link.digest, blob.suspect_since is not null as suspect
  from repository_blobs link
  join blobs blob on blob.digest = link.digest
  where link.repository_id = ${repository} and link.digest = any(${digests}::bytea[])
  order by link.digest
  for key share of link`;

export const lockChildren = (repository: number, digests: readonly Buffer[]) => sql<{
  id: number;
  digest: Buffer;
}>`
  select id, digest from manifests
  where repository_id = ${repository} and digest = any(${digests}::bytea[])
  order by id
  for key share`;

export interface NewManifest {
  readonly repository: number;
  readonly digest: Buffer;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly subject: Buffer | null;
  readonly annotations: string | null;
  readonly payload: Buffer;
  /** True if the push names a tag. */
  readonly tagged: boolean;
}

/**
 * The update locks an existing row: with `do nothing` a collector could delete it after our answer. `ever_tagged` is never reset: a push by digest
 * must not undo an earlier push by tag.
 */
export const upsertManifest = (manifest: NewManifest) => sql<{ id: number; created: boolean }>`
  insert into manifests (
    repository_id, digest, media_type, artifact_type, subject_digest, annotations, size, payload,
    ever_tagged
  ) values (
    ${manifest.repository}, ${manifest.digest}, ${manifest.mediaType}, ${manifest.artifactType},
    ${manifest.subject}, ${manifest.annotations}::json, ${manifest.payload.length}, ${manifest.payload},
    ${manifest.tagged}
  )
  on conflict (repository_id, digest) do update set
    pushed_at = now(), ever_tagged = manifests.ever_tagged or excluded.ever_tagged
  returning id, xmax = 0 as created`;

export const insertManifestBlobs = (manifest: number, repository: number, digests: readonly Buffer[]) => sql`
  insert into manifest_blobs (manifest_id, repository_id, digest)
  select ${manifest}, ${repository}, digest
  from (select distinct unnest(${digests}::bytea[]) as digest) edge
  order by digest
  on conflict do nothing`;

export const insertManifestChildren = (manifest: number, children: readonly number[]) => sql`
  insert into manifest_children (parent_id, child_id)
  select ${manifest}, id
  from (select distinct unnest(${children}::bigint[]) as id) edge
  order by id
  on conflict do nothing`;

export const insertAbsentReferences = (
  manifest: number,
  repository: number,
  digests: readonly Buffer[],
) => sql`
  insert into manifest_absent_references (parent_id, repository_id, digest)
  select ${manifest}, ${repository}, digest
  from (select distinct unnest(${digests}::bytea[]) as digest) edge
  order by digest
  on conflict do nothing`;

export const selectManifestDigests = (db: Db, ids: readonly number[]) =>
  db
    .selectFrom('manifests')
    .select(['id', 'digest'])
    .where(sql<boolean>`id = any(${ids}::bigint[])`);

export const lockManifestForDelete = (tx: Tx, repository: number, digest: Buffer) =>
  tx
    .selectFrom('manifests')
    .select(['id', 'media_type', 'size', 'digest', 'repository_id', 'subject_digest'])
    .where('repository_id', '=', repository)
    .where('digest', '=', digest)
    .forUpdate();

export const selectManifestIsChild = (id: number) => sql<{ child: boolean }>`
  select exists (select from manifest_children where child_id = ${id}) as child`;

export const detachChild = (tx: Tx, id: number) =>
  tx.deleteFrom('manifest_children').where('child_id', '=', id);

/** Selects children by edge, or by the digest under which a sparse index listed a child that came later. */
export const selectChildIds = (parent: number) => sql<{ child_id: number }>`
  select child_id from manifest_children where parent_id = ${parent}
  union
  select manifest.id from manifest_absent_references listed
  join manifests manifest on manifest.repository_id = listed.repository_id and manifest.digest = listed.digest
  where listed.parent_id = ${parent}`;

/** Selects blobs by edge, or by name alone. */
export const selectManifestBlobs = (manifest: number) => sql<{ digest: Buffer }>`
  select digest from manifest_blobs where manifest_id = ${manifest}
  union
  select digest from manifest_absent_references where parent_id = ${manifest}`;

export const deleteManifestRow = (tx: Tx, id: number) => tx.deleteFrom('manifests').where('id', '=', id);

export const lockManifestForReview = (tx: Tx, id: number, grace: number) =>
  tx
    .selectFrom('manifests')
    .select([
      'id',
      'repository_id',
      'digest',
      'subject_digest',
      'media_type',
      'size',
      'ever_tagged',
      sql<boolean>`pushed_at > now() - make_interval(secs => ${grace})`.as('fresh'),
      sql<number>`extract(epoch from pushed_at - now())::float8 + ${grace}::float8`.as('fresh_seconds'),
    ])
    .where('id', '=', id)
    .forUpdate()
    .skipLocked();

export const selectManifestIsThere = (tx: Tx, id: number) =>
  tx.selectFrom('manifests').select('id').where('id', '=', id);

/** `listed`: a manifest that was there before it lists it. `pulled_seconds`: time since its last pull; null if it was never pulled. */
export const selectManifestIsNeeded = (id: number) => sql<{
  needed: boolean;
  listed: boolean;
  pulled_seconds: number | null;
}>`
  select exists (select from tags where manifest_id = ${id})
    or exists (select from manifest_children where child_id = ${id}) as needed,
    exists (
      select from manifests manifest
      join manifest_absent_references listed
        on listed.repository_id = manifest.repository_id and listed.digest = manifest.digest
      where manifest.id = ${id}
    ) as listed,
    (
      select extract(epoch from now() - pulled_at)::float8 from manifest_pulls where manifest_id = ${id}
    ) as pulled_seconds`;

/** Locks one of the manifests that listed the digest before it existed. */
export const lockListing = (tx: Tx, repository: number, digest: Buffer) =>
  tx
    .selectFrom('manifest_absent_references as listed')
    .innerJoin('manifests as parent', 'parent.id', 'listed.parent_id')
    .select('parent.id')
    .where('listed.repository_id', '=', repository)
    .where('listed.digest', '=', digest)
    .limit(1)
    .forKeyShare('parent')
    .skipLocked();

export const lockSubject = (tx: Tx, repository: number, digest: Buffer) =>
  tx
    .selectFrom('manifests')
    .select('id')
    .where('repository_id', '=', repository)
    .where('digest', '=', digest)
    .forKeyShare()
    .skipLocked();

export const selectManifest = (db: Db, repository: number, digest: Buffer) =>
  db
    .selectFrom('manifests')
    .select(['id', 'digest', 'media_type', 'size'])
    .where('repository_id', '=', repository)
    .where('digest', '=', digest);

export const selectManifestByTag = (db: Db, repository: number, tag: string) =>
  db
    .selectFrom('tags')
    .innerJoin('manifests', 'manifests.id', 'tags.manifest_id')
    .select(['manifests.id', 'manifests.digest', 'manifests.media_type', 'manifests.size'])
    .where('tags.repository_id', '=', repository)
    .where('tags.name', '=', tag);
