import {
  AckPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, NoRespondersError, RequestError, type NatsConnection } from '@nats-io/transport-node';
import { streamName, streamSubject } from './subjects.ts';

export interface StreamSize {
  readonly replicas: number;
  readonly maximumBytes: number;
}

/**
 * Creates the stream, or updates its configuration. Work-queue retention: an event stays until a consumer has acknowledged it, even if no consumer
 * exists yet. A full stream rejects new events instead of dropping old ones; they stay in the outbox then.
 */
export async function ensureStream(
  connection: NatsConnection,
  { replicas, maximumBytes }: StreamSize,
): Promise<void> {
  const config = {
    subjects: [streamSubject],
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    max_bytes: maximumBytes,
    num_replicas: replicas,
    duplicate_window: nanos(10 * 60_000),
  } satisfies Partial<StreamConfig>;
  const { streams } = await jetstreamManager(connection);
  try {
    await streams.add({ name: streamName, ...config });
  } catch (error) {
    // The stream exists with another configuration, from an earlier version or with another number of replicas.
    if (!(error instanceof JetStreamApiError) || error.code !== streamNameInUse) throw error;
    await streams.update(streamName, config);
  }
}

const streamNameInUse = 10_058;

/** Creates the durable pull consumer. Deliveries are unlimited: the notifier decides in Postgres when to give up on an event. */
export async function ensureConsumer(
  connection: NatsConnection,
  name: string,
  ackWaitMs: number,
): Promise<void> {
  const { consumers } = await jetstreamManager(connection);
  await consumers.add(streamName, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: 1000,
  });
}

/** True if the event was not stored because the stream is gone. Then publishing again is safe. */
export function isMissingStream(error: unknown): boolean {
  if (error instanceof NoRespondersError) return true;
  if (error instanceof RequestError) return error.isNoResponders();
  if (error instanceof JetStreamApiError) return error.code === JetStreamApiCodes.StreamNotFound;
  return error instanceof Error && error.cause !== undefined && isMissingStream(error.cause);
}
