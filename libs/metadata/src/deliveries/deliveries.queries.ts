import { sql } from 'kysely';
import type { Db } from '../transact.ts';

export const insertDeliveries = (
  eventIds: readonly string[],
  endpoints: readonly string[],
  envelopes: readonly Buffer[],
) => sql<{ event_id: string; endpoint: string }>`
  insert into notification_deliveries (event_id, endpoint, envelope, next_attempt_at, trace)
  select event_id, endpoint, envelope, now(), outbox.trace
  from unnest(${eventIds}::uuid[], ${endpoints}::text[], ${envelopes}::bytea[]) as new (event_id, endpoint, envelope)
  left join outbox on outbox.id = event_id
  on conflict (endpoint, event_id) do nothing
  returning event_id, endpoint`;

export const claimDueDeliveries = (endpoint: string, limit: number, leaseSeconds: number) => sql<{
  event_id: string;
  envelope: Buffer;
  attempts: number;
  created_at: Date;
  trace: string | null;
}>`
  update notification_deliveries
  set next_attempt_at = now() + make_interval(secs => ${leaseSeconds}), attempts = attempts + 1
  where endpoint = ${endpoint} and event_id in (
    select event_id from notification_deliveries
    where endpoint = ${endpoint} and state = 'pending' and next_attempt_at <= now()
    order by event_id limit ${limit}
    for update skip locked
  )
  returning event_id, envelope, attempts, created_at, trace`;

export const deleteDelivery = (db: Db, endpoint: string, eventId: string) =>
  db.deleteFrom('notification_deliveries').where('endpoint', '=', endpoint).where('event_id', '=', eventId);

export interface Postponement {
  readonly endpoint: string;
  readonly eventId: string;
  readonly seconds: number;
  readonly error: string;
}

export const postponeDeliveryRow = (db: Db, { endpoint, eventId, seconds, error }: Postponement) =>
  db
    .updateTable('notification_deliveries')
    .set({ next_attempt_at: sql`now() + make_interval(secs => ${seconds})`, last_error: error })
    .where('endpoint', '=', endpoint)
    .where('event_id', '=', eventId);

export const buryDeliveryRow = (db: Db, { endpoint, eventId, error }: Omit<Postponement, 'seconds'>) =>
  db
    .updateTable('notification_deliveries')
    .set({ state: 'dead', last_error: error })
    .where('endpoint', '=', endpoint)
    .where('event_id', '=', eventId);

const nil = '00000000-0000-0000-0000-000000000000';

export const selectDeadDeliveries = (db: Db, endpoint: string, after: string | undefined, limit: number) =>
  db
    .selectFrom('notification_deliveries')
    .select(['event_id', 'envelope', 'attempts', 'last_error', 'created_at'])
    .where('endpoint', '=', endpoint)
    .where('state', '=', 'dead')
    .where('event_id', '>', after ?? nil)
    .orderBy('event_id')
    .limit(limit);

export const reviveDeliveries = (endpoint: string, eventIds: readonly string[]) => sql<{ event_id: string }>`
  update notification_deliveries
  set state = 'pending', attempts = 0, next_attempt_at = now(), created_at = now()
  where endpoint = ${endpoint} and event_id = any(${eventIds}::uuid[]) and state = 'dead'
  returning event_id`;

export const deleteOldDeliveries = (ageSeconds: number, limit: number) => sql<{ endpoint: string }>`
  delete from notification_deliveries
  where (endpoint, event_id) in (
    select endpoint, event_id from notification_deliveries
    where created_at < now() - make_interval(secs => ${ageSeconds}) limit ${limit}
  )
  returning endpoint`;

export const deleteExcessDeliveries = (endpoint: string, keep: number, limit: number) => sql<{
  endpoint: string;
}>`
  delete from notification_deliveries
  where endpoint = ${endpoint} and event_id in (
    select event_id from notification_deliveries
    where endpoint = ${endpoint} and event_id <= (
      select event_id from notification_deliveries
      where endpoint = ${endpoint} order by event_id desc offset ${keep} limit 1
    )
    order by event_id limit ${limit}
  )
  returning endpoint`;

export const deleteDeliveriesOfOthers = (
  endpoints: readonly string[],
  graceSeconds: number,
  limit: number,
) => sql<{ endpoint: string }>`
  delete from notification_deliveries
  where (endpoint, event_id) in (
    select endpoint, event_id from notification_deliveries
    where endpoint <> all(${endpoints}::text[]) and created_at < now() - make_interval(secs => ${graceSeconds})
    limit ${limit}
  )
  returning endpoint`;

export const selectDeliveryDepths = (db: Db) =>
  db
    .selectFrom('notification_deliveries')
    .select((eb) => ['endpoint', 'state', eb.fn.countAll<number>().as('deliveries')])
    .groupBy(['endpoint', 'state'])
    .orderBy('endpoint')
    .orderBy('state');
