import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EventStream } from '@longshore/messaging';
import { claimEvents, Database } from '@longshore/metadata';
import { Metrics, series } from '@longshore/telemetry';
import { runLoop, ServiceLog, type StepOutcome } from '@longshore/service-kit';

const batch = 100;
/** Seconds until another relay may publish the events that this one has claimed. */
const leaseSeconds = 30;
/** Milliseconds to wait if the outbox is empty. */
const interval = 200;

/**
 * Publishes the events of the outbox to the stream. An event is deleted from the outbox only when the consumer has recorded its deliveries, so the
 * stream may lose everything (JetStream acknowledges before fsync; the standalone one dies with its process). An event that was published but not
 * recorded is published again when its lease ends. Any number of relays may run.
 */
@Injectable()
export class OutboxRelayWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #relayed;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly stream: EventStream,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.#relayed = metrics.counter(series.eventsRelayed);
  }

  onApplicationBootstrap(): void {
    const failed = (fault: unknown): void =>
      this.log.error(fault, 'events could not be relayed; they stay in the outbox');
    this.#loop = runLoop({ step: () => this.step(), interval, signal: this.#stop.signal, failed });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async step(): Promise<StepOutcome> {
    const events = await claimEvents(this.database.db, { limit: batch, leaseSeconds });
    // Events enter the stream in the order of their occurrence.
    for (const { id, data } of events) {
      await this.stream.publish(id, data);
      this.#relayed.inc();
    }
    return events.length > 0 ? 'worked' : 'idle';
  }
}
