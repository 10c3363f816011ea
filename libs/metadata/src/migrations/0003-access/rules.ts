import { sql } from 'kysely';

/** Rules of access that were added at run time. Those of the configuration are not here. */
export const rules = [
  sql`create table access_rules (
    id bigint generated always as identity primary key,
    name text collate "C" not null unique,
    effect text not null check (effect in ('allow', 'deny')),
    subjects text[] not null check (cardinality(subjects) > 0),
    actions text[] not null check (cardinality(actions) > 0),
    repositories text[] not null check (cardinality(repositories) > 0),
    condition text,
    created_by text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
];
