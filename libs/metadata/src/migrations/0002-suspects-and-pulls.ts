import { sql, type Kysely } from 'kysely';

/*
 * One migration for one release: N−1 of the code starts on schema N and no later. It works on this schema, since it neither reads the new columns
 * nor changes a key. All defaults are constants, so no row is rewritten; a manifest that the previous version stores counts as tagged, so it is kept.
 */
const statements = [
  // storage_key changes when a newer verified object takes a blob over. A column of a whole unique index makes that update FOR UPDATE, which waits
  // for every key-share lock on the blob (mounts, links of other repositories) and is waited for by them. A partial index is as unique and leaves
  // it FOR NO KEY UPDATE.
  sql`create unique index blobs_storage_key on blobs (storage_key) where storage_key is not null`,
  sql`alter table blobs drop constraint blobs_storage_key_key`,
  // A suspect blob's object was read damaged, short or not at all: nobody is told that the blob is there until it has been read whole, or a push
  // has replaced the object.
  sql`alter table blobs add column suspect_since timestamptz, add column reread_after timestamptz,
    add check ((suspect_since is null) = (reread_after is null))`,
  sql`create index blobs_suspect on blobs (reread_after) where suspect_since is not null`,
  // What gc.untagged needs to know.
  sql`alter table manifests add column ever_tagged boolean not null default true`,
  // A table of its own: a pull must not rewrite a row with a payload. Its rows go with the manifest, whoever deletes it.
  sql`create table manifest_pulls (
    manifest_id bigint primary key references manifests on delete cascade,
    pulled_at timestamptz not null
  )`,
  // The W3C traceparent of the request that caused the event, so that its deliveries are part of that request's trace.
  sql`alter table outbox add column trace text`,
  sql`alter table notification_deliveries add column trace text`,
  // When the manifest last lost a reference: a postponed review keeps it.
  sql`alter table gc_manifest_queue add column enqueued_at timestamptz not null default now()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}
