import { traceparent } from '@longshore/telemetry';
import type { Db } from '../transact.ts';
import { claimDueEvents, deleteEventsById, insertEvents, selectOutboxDepth } from './outbox.queries.ts';

/** An event, written in the transaction of its change. `id` is a UUIDv7, so ids sort by time. */
export interface OutboxEvent {
  readonly id: string;
  /** Any JSON value. */
  readonly data: unknown;
  /** The W3C traceparent of the cause, if that is not the running code. */
  readonly trace?: string | undefined;
}

/** Makes the events of a change once its outcome is known. Called again if the transaction is retried. */
export type EventsOf<T> = (outcome: T) => readonly OutboxEvent[];

/** Adds events. With a transaction as `db`, they exist exactly if its changes do. */
export async function addEvents(db: Db, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const data = events.map((event) => JSON.stringify(event.data));
  const running = traceparent();
  await insertEvents(
    events.map((event) => event.id),
    data,
    events.map((event) => event.trace ?? running ?? null),
  ).execute(db);
}

/**
 * Claims the oldest unclaimed events, in the order of their ids. They belong to the caller until the lease ends; then another relay may claim them.
 * So an event can be published twice; its id lets consumers detect that.
 */
export async function claimEvents(
  db: Db,
  { limit, leaseSeconds }: { readonly limit: number; readonly leaseSeconds: number },
): Promise<OutboxEvent[]> {
  const { rows } = await claimDueEvents(limit, leaseSeconds).execute(db);
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Call it after the stream has acknowledged the events. */
export async function deleteEvents(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await deleteEventsById(db, ids).execute();
}

export async function outboxDepth(db: Db): Promise<{ events: number; oldestSeconds: number }> {
  const row = await selectOutboxDepth(db).executeTakeFirstOrThrow();
  return { events: row.events, oldestSeconds: row.oldest_seconds };
}
