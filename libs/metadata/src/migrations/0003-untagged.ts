import { sql, type Kysely } from 'kysely';

/*
 * What gc.untagged needs to know. All defaults are constants, so no row is rewritten. They also fit the previous version,
 * which names none of these columns: a manifest that it stores counts as one that was tagged, so it is kept.
 */
const statements = [
  sql`alter table manifests add column ever_tagged boolean not null default true`,
  // A table of its own: a pull must not rewrite a row with a payload. Its rows go with the manifest, whoever deletes it.
  sql`create table manifest_pulls (
    manifest_id bigint primary key references manifests on delete cascade,
    pulled_at timestamptz not null
  )`,
  // When the manifest last lost a reference: a postponed review keeps it.
  sql`alter table gc_manifest_queue add column enqueued_at timestamptz not null default now()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- one transaction, one connection
  for (const statement of statements) await statement.execute(db);
}
