import { sql } from 'kysely';

export const accounts = [
  // A user of the database has a password here. A user of a directory or an identity provider has none: its row holds what belongs to the user
  // (tokens, groups, whether it is disabled), found by the source and the source's own id, since a name there may go to another person.
  sql`create table users (
    id bigint generated always as identity primary key,
    name text collate "C" not null unique,
    source text collate "C" not null default 'database',
    external_id text collate "C",
    external_groups text[] collate "C" not null default '{}',
    password_hash text,
    password_once boolean not null default false,
    password_until timestamptz,
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    unique (source, external_id),
    check ((source = 'database') = (external_id is null)),
    check (source = 'database' or password_hash is null)
  )`,
  sql`create table groups (
    id bigint generated always as identity primary key,
    name text collate "C" not null unique,
    created_at timestamptz not null default now()
  )`,
  sql`create table group_members (
    group_id bigint not null references groups on delete cascade,
    user_id bigint not null references users on delete cascade,
    primary key (user_id, group_id)
  )`,
  sql`create index group_members_group on group_members (group_id)`,
  sql`create table robots (
    id bigint generated always as identity primary key,
    name text collate "C" not null unique,
    description text not null default '',
    disabled_at timestamptz,
    created_at timestamptz not null default now()
  )`,
  // A token has at least 128 bits of entropy, so SHA-256 without a salt keeps it secret, and the hash is the key to look it up.
  sql`create table access_tokens (
    id uuid primary key,
    hash bytea not null unique check (octet_length(hash) = 32),
    user_id bigint references users on delete cascade,
    robot_id bigint references robots on delete cascade,
    name text not null,
    limits jsonb,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    check ((user_id is null) <> (robot_id is null))
  )`,
  sql`create index access_tokens_user on access_tokens (user_id) where user_id is not null`,
  sql`create index access_tokens_robot on access_tokens (robot_id) where robot_id is not null`,
];
