import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EventStream } from '@longshore/messaging';
import { claimEvents, Database } from '@longshore/metadata';
import { runLoop, ServiceLog, type StepOutcome } from '@longshore/service-kit';

const batch = 100;
/** Until another relay may publish what this one has claimed. Seconds. */
const leaseSeconds = 30;
/** The rest when the outbox is empty. Milliseconds. */
const interval = 200;

/**
 * Brings events from the outbox to the stream. The outbox forgets an event only when the consumer has written down its deliveries, so a
 * stream may lose everything (JetStream acknowledges before fsync; the one in standalone dies with its process): what was published and not
 * recorded is published again when its lease is over. Any number of relays may run.
 */
@Injectable()
export class OutboxRelayWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly stream: EventStream,
    private readonly log: ServiceLog,
  ) {}

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
    // Events enter the stream in the order in which they happened.
    for (const { id, data } of events) await this.stream.publish(id, data);
    return events.length > 0 ? 'worked' : 'idle';
  }
}
