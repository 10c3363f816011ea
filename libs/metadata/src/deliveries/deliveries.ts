import type { DeliveryState } from '../schema.ts';
import type { Db } from '../transact.ts';
import {
  buryDeliveryRow,
  claimDueDeliveries,
  deleteDeliveriesOfOthers,
  deleteDelivery,
  deleteExcessDeliveries,
  deleteOldDeliveries,
  insertDeliveries,
  postponeDeliveryRow,
  reviveDeliveries,
  selectDeadDeliveries,
  selectDeliveryDepths,
} from './deliveries.queries.ts';

export interface DeliveryKey {
  readonly endpoint: string;
  /** The event's UUIDv7. */
  readonly eventId: string;
}

export interface NewDelivery extends DeliveryKey {
  /** The request body. Every attempt sends the same bytes, so a signature stays valid. */
  readonly envelope: Uint8Array;
}

export interface Delivery extends NewDelivery {
  /** Claims so far, this one included. */
  readonly attempts: number;
  readonly createdAt: Date;
}

export interface ClaimedDelivery extends Delivery {
  /** The W3C traceparent of the request that caused the event, if it was traced. */
  readonly trace: string | undefined;
}

export interface DeadDelivery extends Delivery {
  readonly lastError: string | undefined;
}

/**
 * Adds deliveries. Idempotent by endpoint and event: a message that the stream delivers twice becomes one delivery. Copies the event's trace from the
 * outbox, so call it before the event is deleted there.
 * @returns those that were not there already
 */
export async function addDeliveries(db: Db, deliveries: readonly NewDelivery[]): Promise<DeliveryKey[]> {
  if (deliveries.length === 0) return [];
  const { rows } = await insertDeliveries(
    deliveries.map((delivery) => delivery.eventId),
    deliveries.map((delivery) => delivery.endpoint),
    deliveries.map((delivery) => Buffer.from(delivery.envelope)),
  ).execute(db);
  return rows.map((row) => ({ endpoint: row.endpoint, eventId: row.event_id }));
}

export interface ClaimDeliveries {
  readonly endpoint: string;
  readonly limit: number;
  /** Seconds until an attempt that was neither completed nor postponed may be claimed again, by any replica. */
  readonly leaseSeconds: number;
}

/** Claims due deliveries of one endpoint, oldest event first. */
export async function claimDeliveries(db: Db, input: ClaimDeliveries): Promise<ClaimedDelivery[]> {
  const { endpoint, limit, leaseSeconds } = input;
  const { rows } = await claimDueDeliveries(endpoint, limit, leaseSeconds).execute(db);
  const deliveries = rows.map((row) => ({
    endpoint,
    eventId: row.event_id,
    envelope: row.envelope,
    attempts: row.attempts,
    createdAt: row.created_at,
    trace: row.trace ?? undefined,
  }));
  return deliveries.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1));
}

export async function completeDelivery(db: Db, { endpoint, eventId }: DeliveryKey): Promise<void> {
  await deleteDelivery(db, endpoint, eventId).execute();
}

export async function postponeDelivery(
  db: Db,
  input: DeliveryKey & { readonly seconds: number; readonly error: string },
): Promise<void> {
  await postponeDeliveryRow(db, input).execute();
}

/** Makes the delivery a dead letter: it is kept, but not tried again until `replayDeliveries`. */
export async function buryDelivery(db: Db, input: DeliveryKey & { readonly error: string }): Promise<void> {
  await buryDeliveryRow(db, input).execute();
}

export async function deadDeliveries(
  db: Db,
  input: { readonly endpoint: string; readonly after?: string | undefined; readonly limit: number },
): Promise<DeadDelivery[]> {
  const rows = await selectDeadDeliveries(db, input.endpoint, input.after, input.limit).execute();
  return rows.map((row) => ({
    endpoint: input.endpoint,
    eventId: row.event_id,
    envelope: row.envelope,
    attempts: row.attempts,
    createdAt: row.created_at,
    lastError: row.last_error ?? undefined,
  }));
}

/** Makes dead deliveries due now, with a new attempt count and a new age. Returns the ids that were dead. */
export async function replayDeliveries(
  db: Db,
  input: { readonly endpoint: string; readonly eventIds: readonly string[] },
): Promise<string[]> {
  const { rows } = await reviveDeliveries(input.endpoint, input.eventIds).execute(db);
  return rows.map((row) => row.event_id);
}

export interface DeliveryLimits {
  /** Every endpoint of the configuration, including disabled ones. */
  readonly endpoints: readonly string[];
  /** Seconds after which deliveries are dropped, dead letters included. */
  readonly ageSeconds: number;
  /** Most deliveries kept per endpoint. The oldest are dropped first. */
  readonly count: number;
  /** Most deliveries dropped per reason in one call. */
  readonly batch: number;
}

/**
 * Seconds that deliveries of an endpoint are kept after the configuration has lost it. During a roll-out, replicas that do not know a new endpoint
 * yet must not drop deliveries that other replicas wrote for it.
 */
const removedEndpointGrace = 3600;

export interface DroppedDeliveries {
  readonly endpoint: string;
  readonly reason: 'age' | 'count' | 'endpoint removed';
  readonly deliveries: number;
}

/** Drops deliveries beyond the limits. Any number of replicas may run it concurrently. */
export async function dropDeliveries(db: Db, limits: DeliveryLimits): Promise<DroppedDeliveries[]> {
  const { endpoints, ageSeconds, count, batch } = limits;
  const dropped: { reason: DroppedDeliveries['reason']; rows: readonly { endpoint: string }[] }[] = [];
  const removed = await deleteDeliveriesOfOthers(endpoints, removedEndpointGrace, batch).execute(db);
  dropped.push({ reason: 'endpoint removed', rows: removed.rows });
  dropped.push({ reason: 'age', rows: (await deleteOldDeliveries(ageSeconds, batch).execute(db)).rows });
  for (const endpoint of endpoints) {
    const { rows } = await deleteExcessDeliveries(endpoint, count, batch).execute(db);
    dropped.push({ reason: 'count', rows });
  }
  return dropped.flatMap(({ reason, rows }) =>
    [...Map.groupBy(rows, ({ endpoint }) => endpoint)].map(([endpoint, { length }]) => ({
      endpoint,
      reason,
      deliveries: length,
    })),
  );
}

export interface DeliveryDepth {
  readonly endpoint: string;
  readonly state: DeliveryState;
  readonly deliveries: number;
}

export async function deliveryDepths(db: Db): Promise<DeliveryDepth[]> {
  return selectDeliveryDepths(db).execute();
}
