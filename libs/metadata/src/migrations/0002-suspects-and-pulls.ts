import { sql, type Kysely } from 'kysely';

/*
 * One migration per release: release N−1 starts on schema N and on no later one. It works on this schema, since it neither reads the new columns nor
 * changes a key. All defaults are constants, so no row is rewritten. A manifest that the previous version stores counts as tagged, so it is kept.
 */
const statements = [
  // storage_key changes when a newer verified object takes over a blob. An update of a column in a full unique index locks FOR UPDATE, which
  // conflicts with every key-share lock on the blob (mounts, links of other repositories). A partial index is as unique and keeps the lock at FOR NO
  // KEY UPDATE.
  sql`create unique index blobs_storage_key on blobs (storage_key) where storage_key is not null`,
  sql`alter table blobs drop constraint blobs_storage_key_key`,
  // A suspect blob's object was read damaged, short or not at all. The blob counts as absent until its object has been read whole, or a push has
  // replaced the object.
  sql`alter table blobs add column suspect_since timestamptz, add column reread_after timestamptz,
    add check ((suspect_since is null) = (reread_after is null))`,
  sql`create index blobs_suspect on blobs (reread_after) where suspect_since is not null`,
  // The state that gc.untagged needs.
  sql`alter table manifests add column ever_tagged boolean not null default true`,
  // A table of its own, so that a pull does not rewrite a row with a payload. Its rows are deleted with the manifest.
  sql`create table manifest_pulls (
    manifest_id bigint primary key references manifests on delete cascade,
    pulled_at timestamptz not null
  )`,
  // The W3C traceparent of the request that caused the event. It makes the deliveries part of that request's trace.
  sql`alter table outbox add column trace text`,
  sql`alter table notification_deliveries add column trace text`,
  // Time at which the manifest last lost a reference. Postponing a review keeps it.
  sql`alter table gc_manifest_queue add column enqueued_at timestamptz not null default now()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}
