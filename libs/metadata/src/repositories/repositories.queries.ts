import { sql } from 'kysely';
import type { Db } from '../transact.ts';

export const selectRepository = (db: Db, name: string) =>
  db.selectFrom('repositories').select('id').where('name', '=', name);

export const insertRepository = (db: Db, name: string) =>
  db
    .insertInto('repositories')
    .values({ name })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id');

/** A repository that has only uploads or blobs is no entry: an abandoned push leaves none behind. */
export const selectCatalogPage = (db: Db, after: string, limit: number) =>
  db
    .selectFrom('repositories')
    .select('name')
    .where('name', '>', after)
    .where(sql<boolean>`exists (select from manifests m where m.repository_id = repositories.id)`)
    .orderBy('name')
    .limit(limit);

export const selectRepositoryName = (db: Db, id: number) =>
  db.selectFrom('repositories').select('name').where('id', '=', id);
