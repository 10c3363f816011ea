import { sql, type Kysely } from 'kysely';

/*
 * storage_key changes when a newer verified object takes a blob over. A column of a whole unique index makes that update FOR UPDATE, which waits
 * for every key-share lock on the blob (mounts, links of other repositories) and is waited for by them. A partial index is as unique and leaves
 * it FOR NO KEY UPDATE. The earlier version of the code works on this schema: it neither reads the new columns nor changes a key.
 */
const statements = [
  sql`create unique index blobs_storage_key on blobs (storage_key) where storage_key is not null`,
  sql`alter table blobs drop constraint blobs_storage_key_key`,
  // A suspect blob's object was read damaged, short or not at all: nobody is told that the blob is there until it has been read whole, or a push
  // has replaced the object.
  sql`alter table blobs add column suspect_since timestamptz, add column reread_after timestamptz,
    add check ((suspect_since is null) = (reread_after is null))`,
  sql`create index blobs_suspect on blobs (reread_after) where suspect_since is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- each statement builds on the ones before
  for (const statement of statements) await statement.execute(db);
}
