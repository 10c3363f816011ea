import { sql } from 'kysely';
import type { Db } from '../transact.ts';

/** Postgres as a queue: a claimed row stays until it is deleted, so a relay that dies loses nothing. */
export const insertEvents = (
  ids: readonly string[],
  data: readonly string[],
  traces: readonly (string | null)[],
) => sql`
  insert into outbox (id, data, trace)
  select * from unnest(${ids}::uuid[], ${data}::json[], ${traces}::text[])`;

export const claimDueEvents = (limit: number, leaseSeconds: number) => sql<{ id: string; data: unknown }>`
  update outbox set claimed_until = now() + make_interval(secs => ${leaseSeconds})
  where id in (
    select id from outbox
    where claimed_until is null or claimed_until < now()
    order by id limit ${limit}
    for update skip locked
  )
  returning id, data`;

export const deleteEventsById = (db: Db, ids: readonly string[]) =>
  db.deleteFrom('outbox').where(sql<boolean>`id = any(${ids}::uuid[])`);

export const selectOutboxDepth = (db: Db) =>
  db
    .selectFrom('outbox')
    .select((eb) => [
      eb.fn.countAll<number>().as('events'),
      sql<number>`coalesce(extract(epoch from now() - min(created_at)), 0)::float8`.as('oldest_seconds'),
    ]);
