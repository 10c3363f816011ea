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
