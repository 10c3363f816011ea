import { sql } from 'kysely';

export const refreshFamilies = [
  // A family is all refresh tokens that follow from one login. `got_with` is the id of the credential of that login, if it has one.
  sql`create table refresh_families (
    id uuid primary key,
    subject text not null,
    got_with text,
    rotates boolean not null,
    generation integer not null default 0,
    rotated_at timestamptz,
    created_at timestamptz not null default now(),
    ends_at timestamptz not null,
    revoked_at timestamptz
  )`,
  sql`create index refresh_families_subject on refresh_families (subject)`,
  sql`create index refresh_families_got_with on refresh_families (got_with) where got_with is not null`,
  sql`create index refresh_families_ends on refresh_families (ends_at)`,
];
