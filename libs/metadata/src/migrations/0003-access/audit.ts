import { sql } from 'kysely';

export const audit = [
  // The key begins with the time, so entries are written and pruned at the ends of the index. An entry that arrives twice has the same key.
  sql`create table audit_log (
    at timestamptz not null,
    id uuid not null,
    action text collate "C" not null,
    outcome text not null check (outcome in ('done', 'denied', 'failed')),
    status smallint,
    code text,
    actor_kind text not null,
    actor text collate "C" not null,
    credential_kind text not null,
    credential_id text,
    repository text collate "C",
    reference text,
    address text not null,
    user_agent text not null,
    request_id text not null,
    service text not null,
    times integer not null default 1 check (times > 0),
    before jsonb,
    after jsonb,
    primary key (at, id)
  )`,
  sql`create index audit_log_actor on audit_log (actor, at)`,
  sql`create index audit_log_repository on audit_log (repository, at) where repository is not null`,
];
