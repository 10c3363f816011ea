import { sql } from 'kysely';

/** People who log in at an identity provider, their sessions, and devices that wait for one. */
export const sessions = [
  // What a provider says of a user beside name and groups, as last read. ended_at: the provider gives the person no access any more.
  sql`create table oidc_people (
    user_id bigint primary key references users on delete cascade,
    email text,
    claims jsonb not null,
    confirmed_at timestamptz not null default now(),
    ended_at timestamptz
  )`,
  // One login at a provider. attempt is the hash of its state: a callback that is replayed finds the row. tokens are sealed.
  sql`create table oidc_logins (
    id uuid primary key,
    user_id bigint not null references oidc_people on delete cascade,
    provider text not null,
    attempt bytea not null unique,
    provider_session text,
    tokens bytea not null,
    is_offline boolean not null,
    is_renewable boolean not null,
    created_at timestamptz not null default now(),
    confirmed_at timestamptz not null default now(),
    confirm_after timestamptz not null,
    attempts integer not null default 0,
    expires_at timestamptz not null
  )`,
  sql`create index oidc_logins_user on oidc_logins (user_id)`,
  sql`create index oidc_logins_session on oidc_logins (provider, provider_session) where provider_session is not null`,
  sql`create index oidc_logins_due on oidc_logins (confirm_after)`,
  sql`create index oidc_logins_expires on oidc_logins (expires_at)`,
  // Only hashes of secrets are kept. A refresh token that was replaced is remembered, so that its second use is noticed.
  sql`create table sessions (
    id uuid primary key,
    login_id uuid not null references oidc_logins on delete cascade,
    kind text not null check (kind in ('browser', 'device')),
    secret_hash bytea not null unique,
    previous_hash bytea unique,
    rotated_at timestamptz not null default now(),
    device text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  sql`create index sessions_login on sessions (login_id)`,
  sql`create index sessions_expires on sessions (expires_at)`,
  sql`create table device_codes (
    hash bytea primary key,
    user_code text not null unique,
    device text not null,
    address text not null,
    state text not null default 'pending' check (state in ('pending', 'approved', 'denied')),
    login_id uuid references oidc_logins on delete cascade,
    poll_after timestamptz not null default now(),
    expires_at timestamptz not null,
    check ((state = 'approved') = (login_id is not null))
  )`,
  sql`create index device_codes_expires on device_codes (expires_at)`,
  sql`create index device_codes_address on device_codes (address)`,
];
