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
 * Makes the stream, or changes it to what it should be. Work-queue retention: an event stays until a consumer has
 * acknowledged it, also when none exists yet. A full stream refuses new events instead of dropping old ones; they
 * stay in the outbox then.
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
    // It exists with another configuration: an earlier version, or another number of replicas.
    if (!(error instanceof JetStreamApiError) || error.code !== streamNameInUse) throw error;
    await streams.update(streamName, config);
  }
}

const streamNameInUse = 10_058;

/** Makes the durable pull consumer. Deliveries are unlimited: who gives up on an event decides that in Postgres. */
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

/** True when nothing stored what was published because the stream is gone; then it is safe to publish again. */
export function isMissingStream(error: unknown): boolean {
  if (error instanceof NoRespondersError) return true;
  if (error instanceof RequestError) return error.isNoResponders();
  if (error instanceof JetStreamApiError) return error.code === JetStreamApiCodes.StreamNotFound;
  return error instanceof Error && error.cause !== undefined && isMissingStream(error.cause);
}
