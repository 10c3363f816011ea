import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

export interface LinkKey {
  readonly repository: number;
  readonly digest: Buffer;
}

export const insertLink = (tx: Tx, { repository, digest }: LinkKey) =>
  tx
    .insertInto('repository_blobs')
    .values({ repository_id: repository, digest })
    .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doNothing())
    .returning('linked_at');

/** A young link has a queued review that is at least half the grace away. */
export const lockLink = (tx: Tx, { repository, digest }: LinkKey, grace: number) =>
  tx
    .selectFrom('repository_blobs')
    .select(sql<boolean>`linked_at > now() - make_interval(secs => ${grace / 2})`.as('young'))
    .where('repository_id', '=', repository)
    .where('digest', '=', digest)
    .forKeyShare();

export const refreshLink = (tx: Tx, { repository, digest }: LinkKey) =>
  tx
    .updateTable('repository_blobs')
    .set({ linked_at: sql`now()` })
    .where('repository_id', '=', repository)
    .where('digest', '=', digest);

export const selectLinkIsReferenced = ({ repository, digest }: LinkKey) => sql<{ referenced: boolean }>`
  select exists (
    select from manifest_blobs where repository_id = ${repository} and digest = ${digest}
  ) or exists (
    select from manifest_absent_references where repository_id = ${repository} and digest = ${digest}
  ) as referenced`;

export const lockLinkForDelete = (tx: Tx, { repository, digest }: LinkKey) =>
  tx
    .selectFrom('repository_blobs')
    .select('digest')
    .where('repository_id', '=', repository)
    .where('digest', '=', digest)
    .forUpdate();

/** Skips a row that another transaction has locked. The caller must then ask whether the row exists. */
export const lockLinkForReview = (tx: Tx, { repository, digest }: LinkKey, grace: number) =>
  tx
    .selectFrom('repository_blobs')
    .select([
      sql<boolean>`linked_at > now() - make_interval(secs => ${grace})`.as('fresh'),
      sql<number>`extract(epoch from linked_at - now())::float8 + ${grace}::float8`.as('fresh_seconds'),
    ])
    .where('repository_id', '=', repository)
    .where('digest', '=', digest)
    .forUpdate()
    .skipLocked();

export const selectLink = (db: Db, { repository, digest }: LinkKey) =>
  db
    .selectFrom('repository_blobs')
    .innerJoin('blobs', 'blobs.digest', 'repository_blobs.digest')
    .select(['blobs.size', 'blobs.storage_key', sql<boolean>`blobs.suspect_since is not null`.as('suspect')])
    .where('repository_blobs.repository_id', '=', repository)
    .where('repository_blobs.digest', '=', digest);

export const deleteLink = (tx: Tx, { repository, digest }: LinkKey) =>
  tx.deleteFrom('repository_blobs').where('repository_id', '=', repository).where('digest', '=', digest);

/** Locks the link of any named repository that holds the blob, unless the blob is suspect. The link stays until the transaction ends. */
export const lockSourceLink = (digest: Buffer, repositories: readonly string[]) => sql<{ name: string }>`
  select repositories.name
  from repository_blobs
  join repositories on repositories.id = repository_blobs.repository_id
  join blobs on blobs.digest = repository_blobs.digest and blobs.suspect_since is null
  where repository_blobs.digest = ${digest} and repositories.name = any(${repositories}::text[])
  order by repository_blobs.repository_id limit 1
  for key share of repository_blobs`;

export const selectSourceNames = (db: Db, digest: Buffer, limit: number) =>
  db
    .selectFrom('repository_blobs')
    .innerJoin('repositories', 'repositories.id', 'repository_blobs.repository_id')
    .select('repositories.name')
    .where('repository_blobs.digest', '=', digest)
    .orderBy('repository_blobs.repository_id')
    .limit(limit);
