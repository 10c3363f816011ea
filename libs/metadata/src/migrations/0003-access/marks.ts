import { sql } from 'kysely';

export const marks = [
  // A mark voids credentials that are still in use. Doors read the marks that are newer than those they know, by the transaction that wrote them: a
  // sequence would pass over a mark whose transaction commits late.
  sql`create table credential_marks (
    kind text not null check (kind in ('user', 'robot', 'password', 'repository', 'credential', 'key')),
    name text not null,
    keeps text,
    before timestamptz not null,
    ends_at timestamptz not null,
    written_by xid8 not null default pg_current_xact_id(),
    primary key (kind, name)
  )`,
  sql`create index credential_marks_written on credential_marks (written_by, kind, name)`,
  sql`create index credential_marks_ends on credential_marks (ends_at)`,
  // The password of each account of the htpasswd file as auth-service last saw it, so that one that was changed while auth-service was down ends, too.
  sql`create table file_accounts (
    name text primary key,
    fingerprint text not null
  )`,
];
