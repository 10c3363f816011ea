import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  buryDelivery,
  claimDeliveries,
  type ClaimedDelivery,
  completeDelivery,
  Database,
  postponeDelivery,
} from '@longshore/metadata';
import { runLoop, ServiceLog, type StepOutcome } from '@longshore/service-kit';
import { within } from '@longshore/telemetry';
import { type Endpoint, NotifierSettings } from '../notifier-settings.ts';
import { deliverySpan } from './delivery-span.ts';
import { afterFailure } from './retry-schedule.ts';
import { WebhookClient } from './webhook-client.ts';

const batch = 20;
/** Milliseconds to wait if nothing is due. */
const interval = 200;

/** Runs one loop per endpoint, so that a receiver that hangs delays only its own events. */
@Injectable()
export class DeliveriesWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #breakers = new Map<string, { failures: number; until: number }>();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly settings: NotifierSettings,
    private readonly client: WebhookClient,
    private readonly log: ServiceLog,
  ) {}

  onApplicationBootstrap(): void {
    const { signal } = this.#stop;
    const failed = (fault: unknown): void => this.log.error(fault, 'deliveries could not be looked up');
    this.#loops = Promise.all(
      this.settings.endpoints.map((endpoint) =>
        runLoop({ step: () => this.step(endpoint), interval, signal, failed }),
      ),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loops;
  }

  /** Claims deliveries for longer than all attempts of a batch can take. Those of a worker that dies can be claimed again. */
  async step(endpoint: Endpoint): Promise<StepOutcome> {
    const breaker = this.#breakerOf(endpoint);
    if (Date.now() < breaker.until) return 'idle';
    // Claims no more than the remaining failures before the pause: every claimed delivery is attempted.
    const limit = Math.max(1, Math.min(batch, endpoint.threshold - breaker.failures));
    const leaseSeconds = (endpoint.timeout / 1000) * batch + 30;
    const due = await claimDeliveries(this.database.db, {
      endpoint: endpoint.name,
      limit,
      leaseSeconds,
    });
    // An endpoint gets its events one after another, in their order.
    for (const delivery of due) await this.#attempt(endpoint, delivery);
    return due.length > 0 ? 'worked' : 'idle';
  }

  /** State of this replica: each replica detects failures for itself. */
  #breakerOf({ name }: Endpoint): { failures: number; until: number } {
    const breaker = this.#breakers.get(name) ?? { failures: 0, until: 0 };
    this.#breakers.set(name, breaker);
    return breaker;
  }

  async #attempt(endpoint: Endpoint, delivery: ClaimedDelivery): Promise<void> {
    try {
      await within(deliverySpan(delivery), () =>
        this.client.post(endpoint, delivery.eventId, delivery.envelope),
      );
    } catch (fault) {
      await this.#failed(endpoint, delivery, fault instanceof Error ? fault.message : String(fault));
      const breaker = this.#breakerOf(endpoint);
      breaker.failures += 1;
      if (breaker.failures >= endpoint.threshold) breaker.until = Date.now() + endpoint.backoff;
      return;
    }
    this.#breakers.delete(endpoint.name);
    await completeDelivery(this.database.db, delivery);
  }

  async #failed(endpoint: Endpoint, delivery: ClaimedDelivery, error: string): Promise<void> {
    const verdict = afterFailure(delivery.attempts, endpoint.backoff, Math.random());
    const facts = { endpoint: endpoint.name, event: delivery.eventId, attempts: delivery.attempts, error };
    if (verdict.kind === 'again') {
      await postponeDelivery(this.database.db, { ...delivery, seconds: verdict.seconds, error });
      this.log.info('a delivery failed and will be tried again', { ...facts, seconds: verdict.seconds });
    } else {
      await buryDelivery(this.database.db, { ...delivery, error });
      this.log.warn('a delivery was given up; it is kept as a dead letter', facts);
    }
  }
}
