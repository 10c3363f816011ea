import { traceparent } from '@longshore/telemetry';
import type { Db } from '../transact.ts';
import { claimDueEvents, deleteEventsById, insertEvents, selectOutboxDepth } from './outbox.queries.ts';

/** An event in the transaction of its change. `id` is a UUIDv7, so that ids sort by time. */
export interface OutboxEvent {
  readonly id: string;
  /** Anything that JSON can say. */
  readonly data: unknown;
  /** The W3C traceparent of its cause, where that is not the running code. */
  readonly trace?: string | undefined;
}

/** The events of a change, made when its outcome is known; called again when the transaction is retried. */
export type EventsOf<T> = (outcome: T) => readonly OutboxEvent[];

/** With a transaction as `db`, the events exist exactly when its changes do. */
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
 * The oldest events that nobody has in hand, in order of their ids. They are this caller's until the lease is
 * over; then another may claim them, so an event can be published twice (and carries an id for that).
 */
export async function claimEvents(
  db: Db,
  { limit, leaseSeconds }: { readonly limit: number; readonly leaseSeconds: number },
): Promise<OutboxEvent[]> {
  const { rows } = await claimDueEvents(limit, leaseSeconds).execute(db);
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** After the acknowledgement of the stream. */
export async function deleteEvents(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await deleteEventsById(db, ids).execute();
}

/** @internal Tests look at it. */
export async function outboxDepth(db: Db): Promise<{ events: number; oldestSeconds: number }> {
  const row = await selectOutboxDepth(db).executeTakeFirstOrThrow();
  return { events: row.events, oldestSeconds: row.oldest_seconds };
}
