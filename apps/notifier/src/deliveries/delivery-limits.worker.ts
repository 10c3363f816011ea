import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database, dropDeliveries } from '@longshore/metadata';
import { runLoop, ServiceLog, type StepOutcome } from '@longshore/service-kit';
import { Metrics, series } from '@longshore/telemetry';
import { NotifierSettings } from '../notifier-settings.ts';

const batch = 1000;
/** Milliseconds to wait if no delivery is beyond the limits. */
const interval = 60_000;

/** Drops deliveries that are too old or too many, and those of removed endpoints, so that a dead receiver cannot fill the database. */
@Injectable()
export class DeliveryLimitsWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #dropped;
  #loop: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly settings: NotifierSettings,
    metrics: Metrics,
    private readonly log: ServiceLog,
  ) {
    this.#dropped = metrics.counter(series.notificationsDropped);
  }

  onApplicationBootstrap(): void {
    const failed = (fault: unknown): void => this.log.error(fault, 'deliveries could not be counted');
    this.#loop = runLoop({ step: () => this.step(), interval, signal: this.#stop.signal, failed });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async step(): Promise<StepOutcome> {
    const { names, maximumAge, maximumCount } = this.settings;
    const limits = { endpoints: names, ageSeconds: maximumAge, count: maximumCount, batch };
    const dropped = await dropDeliveries(this.database.db, limits);
    for (const { endpoint, reason, deliveries } of dropped) {
      this.#dropped.inc({ endpoint, reason }, deliveries);
      this.log.warn('deliveries were dropped', { endpoint, reason, deliveries });
    }
    return dropped.length > 0 ? 'worked' : 'idle';
  }
}
