import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

/** `previous` is the target of the overwritten row version: the manifest that may have lost its last tag. */
export const pointTags = (repository: number, manifest: number, names: readonly string[]) => sql<{
  name: string;
  previous: number | null;
}>`
  insert into tags as tag (repository_id, name, manifest_id)
  select ${repository}, name, ${manifest}
  from (select distinct unnest(${names}::text[]) collate "C" as name) pointed
  order by name
  on conflict (repository_id, name) do update set
    manifest_id = excluded.manifest_id, previous_manifest_id = tag.manifest_id, pushed_at = now()
  returning name, previous_manifest_id as previous`;

/** Locks in the order of names, like all callers. Postgres checks the condition again after a wait. */
export const lockTagsOfManifest = (tx: Tx, manifest: number) =>
  tx.selectFrom('tags').select('name').where('manifest_id', '=', manifest).orderBy('name').forUpdate();

export const deleteTagsOfManifest = (tx: Tx, manifest: number) =>
  tx.deleteFrom('tags').where('manifest_id', '=', manifest).returning('name');

export const deleteTagByName = (tx: Tx, repository: number, name: string) =>
  tx
    .deleteFrom('tags')
    .where('repository_id', '=', repository)
    .where('name', '=', name)
    .returning('manifest_id');

export const selectTagPage = (db: Db, repository: number, after: string, limit: number) =>
  db
    .selectFrom('tags')
    .select('name')
    .where('repository_id', '=', repository)
    .where('name', '>', after)
    .orderBy('name')
    .limit(limit);
