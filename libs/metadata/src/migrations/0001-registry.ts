import { sql, type Kysely } from 'kysely';

/*
 * References have two levels: repository_blobs says that a repository holds a blob, manifest_blobs says that a manifest needs the blob there. Foreign
 * keys are NO ACTION, so Postgres refuses a dangling reference even if the protocol is wrong; only the edges of a manifest are deleted with it. The
 * gc_*_queue tables have no foreign keys: a review of a deleted row does nothing.
 */
const tables = [
  sql`create table repositories (
    id bigint generated always as identity primary key,
    name text collate "C" not null unique,
    created_at timestamptz not null default now()
  )`,
  sql`create table upload_sessions (
    id uuid primary key,
    repository_id bigint not null references repositories,
    subject text not null,
    storage_key text not null unique,
    final_key text,
    writer text,
    writer_until timestamptz,
    "offset" bigint not null default 0,
    driver_state text,
    hash_state bytea,
    digest_so_far bytea,
    started_at timestamptz not null default now(),
    expires_at timestamptz not null,
    check ((writer is null) = (writer_until is null))
  )`,
  sql`create index upload_sessions_expires_at on upload_sessions (expires_at)`,
  sql`create table blobs (
    digest bytea primary key,
    size bigint not null check (size >= 0),
    storage_key text not null unique,
    created_at timestamptz not null default now()
  )`,
  sql`create table repository_blobs (
    repository_id bigint not null references repositories,
    digest bytea not null references blobs,
    linked_at timestamptz not null default now(),
    primary key (repository_id, digest)
  )`,
  sql`create index repository_blobs_digest on repository_blobs (digest)`,
  // A manifest is JSON, which has no NUL byte. Reads rely on that: they take the payload as Latin-1 text. Payloads are not compressed again and stay
  // in the row up to 8 kB, so most are read with one page.
  sql`create table manifests (
    id bigint generated always as identity primary key,
    repository_id bigint not null references repositories,
    digest bytea not null,
    media_type text not null,
    artifact_type text,
    subject_digest bytea,
    annotations json,
    size integer not null,
    payload bytea not null,
    created_at timestamptz not null default now(),
    pushed_at timestamptz not null default now(),
    unique (repository_id, digest),
    check (size = octet_length(payload)),
    check (position('\\x00'::bytea in payload) = 0)
  ) with (toast_tuple_target = 8160)`,
  sql`alter table manifests alter column payload set storage external`,
  sql`create index manifests_subject on manifests (repository_id, subject_digest, digest) where subject_digest is not null`,
  sql`create table manifest_blobs (
    manifest_id bigint not null references manifests on delete cascade,
    repository_id bigint not null,
    digest bytea not null,
    primary key (manifest_id, digest),
    foreign key (repository_id, digest) references repository_blobs
  )`,
  sql`create index manifest_blobs_link on manifest_blobs (repository_id, digest)`,
  sql`create table manifest_children (
    parent_id bigint not null references manifests on delete cascade,
    child_id bigint not null references manifests,
    primary key (parent_id, child_id)
  )`,
  sql`create index manifest_children_child on manifest_children (child_id)`,
  // References to content that nobody has pushed yet, where the operator allows them. A foreign key cannot point there, so the review of content that
  // came after its manifest looks here.
  sql`create table manifest_absent_references (
    parent_id bigint not null references manifests on delete cascade,
    repository_id bigint not null,
    digest bytea not null,
    primary key (parent_id, digest)
  )`,
  sql`create index manifest_absent_references_digest on manifest_absent_references (repository_id, digest)`,
  // previous_manifest_id is the target in the overwritten row version. The upsert's RETURNING reports it without a read of its own, which could be
  // stale, and without RETURNING OLD, which needs Postgres 18.
  sql`create table tags (
    repository_id bigint not null references repositories,
    name text collate "C" not null,
    manifest_id bigint not null references manifests,
    previous_manifest_id bigint,
    created_at timestamptz not null default now(),
    pushed_at timestamptz not null default now(),
    primary key (repository_id, name)
  )`,
  sql`create index tags_manifest on tags (manifest_id)`,
];

const queues = [
  sql`create table gc_link_queue (
    repository_id bigint not null,
    digest bytea not null,
    review_after timestamptz not null,
    attempts integer not null default 0,
    primary key (repository_id, digest)
  )`,
  sql`create index gc_link_queue_due on gc_link_queue (review_after)`,
  sql`create table gc_blob_queue (
    digest bytea primary key,
    review_after timestamptz not null,
    attempts integer not null default 0
  )`,
  sql`create index gc_blob_queue_due on gc_blob_queue (review_after)`,
  sql`create table gc_manifest_queue (
    manifest_id bigint primary key,
    review_after timestamptz not null,
    attempts integer not null default 0
  )`,
  sql`create index gc_manifest_queue_due on gc_manifest_queue (review_after)`,
  sql`create table blob_trash (
    storage_key text primary key,
    not_before timestamptz not null,
    attempts integer not null default 0
  )`,
  sql`create index blob_trash_due on blob_trash (not_before)`,
];

const events = [
  sql`create table outbox (
    id uuid primary key,
    data json not null,
    created_at timestamptz not null default now(),
    claimed_until timestamptz
  )`,
  sql`create table notification_deliveries (
    event_id uuid not null,
    endpoint text not null,
    envelope bytea not null,
    state text not null default 'pending' check (state in ('pending', 'dead')),
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    last_error text,
    created_at timestamptz not null default now(),
    primary key (endpoint, event_id)
  )`,
  sql`create index notification_deliveries_due on notification_deliveries (endpoint, next_attempt_at) where state = 'pending'`,
  sql`create table signing_keys (
    kid text primary key,
    public_jwk jsonb not null,
    private_key bytea not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...tables, ...queues, ...events]) await statement.execute(db);
}
