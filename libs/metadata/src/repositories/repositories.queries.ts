import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

export const selectRepository = (db: Db, name: string) =>
  db.selectFrom('repositories').select('id').where('name', '=', name);

export const insertRepository = (db: Db, name: string) =>
  db
    .insertInto('repositories')
    .values({ name })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id');

/** A repository with only uploads or blobs is not listed: an abandoned push adds no entry to the catalog. */
export const selectCatalogPage = (db: Db, after: string, limit: number) =>
  db
    .selectFrom('repositories')
    .select('name')
    .where('name', '>', after)
    .where(sql<boolean>`exists (select from manifests m where m.repository_id = repositories.id)`)
    .orderBy('name')
    .limit(limit);

/** Reads each range by the index on the name, so the cost depends on the ranges, and not on the repositories between them. */
export const selectCatalogRanges = ({
  after,
  limit,
  ranges,
}: {
  readonly after: string;
  readonly limit: number;
  readonly ranges: readonly { readonly from: string; readonly to: string }[];
}) => sql<{ name: string }>`
  select found.name
  from unnest(${ranges.map(({ from }) => from)}::text[], ${ranges.map(({ to }) => to)}::text[])
    with ordinality range (low, high, place)
  cross join lateral (
    select name from repositories
    where name > ${after} and name >= range.low collate "C" and name < range.high collate "C"
      and exists (select from manifests m where m.repository_id = repositories.id)
    order by name limit ${limit}
  ) found
  where range.high collate "C" > ${after}
  order by range.place, found.name
  limit ${limit}`;

const holdsNothing = sql`
    not exists (select from manifests where manifests.repository_id = repository.id)
    and not exists (select from repository_blobs link where link.repository_id = repository.id)
    and not exists (select from upload_sessions session where session.repository_id = repository.id)`;

export const lockEmptyRepositories = (grace: number, limit: number) => sql<{ id: number }>`
  select id from repositories repository
  where created_at < now() - make_interval(secs => ${grace}) and ${holdsNothing}
  order by id limit ${limit}
  for update skip locked`;

export const deleteEmptyRepositories = (ids: readonly number[]) => sql<{ name: string }>`
  delete from repositories repository
  where id = any(${ids}::bigint[]) and ${holdsNothing}
  returning name`;

/** Returns the name of a repository without a manifest: no client sees it any more. */
export const selectNameWithoutManifest = (tx: Tx, id: number) =>
  tx
    .selectFrom('repositories')
    .select('name')
    .where('id', '=', id)
    .where(sql<boolean>`not exists (select from manifests m where m.repository_id = repositories.id)`);

export const selectRepositoryName = (db: Db, id: number) =>
  db.selectFrom('repositories').select('name').where('id', '=', id);
