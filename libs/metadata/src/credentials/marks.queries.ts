import type { MarkKind } from '@longshore/authorization';
import { sql } from 'kysely';
import { rulesVersion } from '../accounts/access-rules.queries.ts';
import type { Db } from '../transact.ts';

export interface MarkRow {
  readonly kind: MarkKind;
  readonly name: string;
  readonly keeps: string | null;
}

/** Sorted, so that two writers of the same marks lock them in one order. */
export const upsertMarks = (rows: readonly MarkRow[], lifetimeSeconds: number) => {
  const sorted = rows.toSorted((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1));
  return sql`
  insert into credential_marks (kind, name, keeps, before, ends_at)
  select kind, name, keeps, clock_timestamp(), clock_timestamp() + make_interval(secs => ${lifetimeSeconds})
  from unnest(${sorted.map(({ kind }) => kind)}::text[], ${sorted.map(({ name }) => name)}::text[],
    ${sorted.map(({ keeps }) => keeps)}::text[]) as given (kind, name, keeps)
  on conflict (kind, name) do update set keeps = excluded.keeps, before = excluded.before,
    ends_at = excluded.ends_at, written_by = pg_current_xact_id()`;
};

export interface MarkPosition {
  readonly writtenBy: string;
  readonly kind: string;
  readonly name: string;
}

/** The horizon is the oldest transaction that still runs: everything older has ended, and is in this snapshot if it was committed. */
export const selectHorizon = sql<{ horizon: string; keys: string | null; rules: string | null }>`
  select pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
    (select md5(string_agg(kid, ' ' order by kid)) from signing_keys) as keys,
    ${rulesVersion} as rules`;

export const selectMarks = (since: string, from: MarkPosition, limit: number) => sql<{
  kind: MarkKind;
  name: string;
  keeps: string | null;
  before: Date;
  written_by: string;
}>`
  select kind, name, keeps, before, written_by::text as written_by from credential_marks
  where written_by >= ${since}::text::xid8 and ends_at > now()
    and (written_by, kind, name) > (${from.writtenBy}::text::xid8, ${from.kind}, ${from.name})
  order by written_by, kind, name
  limit ${limit}`;

export const deleteEndedMarks = (db: Db) =>
  db.deleteFrom('credential_marks').where(sql<boolean>`ends_at < now()`);

/** Inserts or changes the given accounts, deletes all others, and returns those that had another password before. */
export const syncFileAccounts = (names: readonly string[], fingerprints: readonly string[]) => sql<{
  name: string;
  fingerprint: string | null;
}>`
  with given as (
    select * from unnest(${names}::text[], ${fingerprints}::text[]) as given (name, fingerprint)
  ), gone as (
    delete from file_accounts account
    where not exists (select from given where given.name = account.name)
    returning account.name
  ), known as (
    select account.name, account.fingerprint from file_accounts account join given using (name)
  ), written as (
    insert into file_accounts (name, fingerprint) select name, fingerprint from given
    where not exists (select from known where known.name = given.name and known.fingerprint = given.fingerprint)
    on conflict (name) do update set fingerprint = excluded.fingerprint
    returning name, fingerprint
  )
  select name, fingerprint from written
  where exists (select from known where known.name = written.name)
    or exists (select from credential_marks mark where mark.kind = 'password' and mark.name = written.name)
  union all
  select name, null from gone`;

export const lockFileAccounts = sql`select pg_advisory_xact_lock(hashtext('longshore file_accounts'))`;

/**
 * Ends the refresh tokens of users, those that were got with a credential, and single families by their id. Each of the three has an index.
 * @param ids those of the credentials that can be the id of a family
 */
export const endFamiliesOf = (
  subjects: readonly string[],
  credentials: readonly string[],
  ids: readonly string[],
) => sql`
  update refresh_families set revoked_at = now()
  where revoked_at is null and (subject = any(${subjects}::text[])
    or got_with = any(${credentials}::text[]) or id = any(${ids}::uuid[]))`;
