import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database, deliveryDepths, outboxDepth } from '@longshore/metadata';
import { runLoop, ServiceLog, type StepOutcome } from '@longshore/service-kit';
import { Metrics, series } from '@longshore/telemetry';
import { NotifierSettings } from '../notifier-settings.ts';

/** Milliseconds between two counts, which read all rows that wait. A scrape does not query the database. */
const interval = 60_000;

/** Measures what waits in the outbox and for the endpoints. Every replica exports the same values. */
@Injectable()
export class QueueDepthsWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #events;
  readonly #age;
  readonly #pending;
  readonly #dead;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly settings: NotifierSettings,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.#events = metrics.gauge(series.outboxEvents);
    this.#age = metrics.gauge(series.outboxAge);
    this.#pending = metrics.gauge(series.notificationsPending);
    this.#dead = metrics.gauge(series.notificationsDead);
  }

  onApplicationBootstrap(): void {
    const failed = (fault: unknown): void => this.log.error(fault, 'queues could not be measured');
    this.#loop = runLoop({ step: () => this.step(), interval, signal: this.#stop.signal, failed });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async step(): Promise<StepOutcome> {
    const { db } = this.database;
    const [outbox, depths] = await Promise.all([outboxDepth(db), deliveryDepths(db)]);
    this.#events.set(outbox.events);
    this.#age.set(outbox.oldestSeconds);
    for (const endpoint of this.settings.names) {
      const waiting = (state: string): number =>
        depths.find((depth) => depth.endpoint === endpoint && depth.state === state)?.deliveries ?? 0;
      this.#pending.set({ endpoint }, waiting('pending'));
      this.#dead.set({ endpoint }, waiting('dead'));
    }
    return 'idle';
  }
}
