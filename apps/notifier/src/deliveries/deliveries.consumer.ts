import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { EventStream, type RegistryEvent } from '@longshore/messaging';
import { addDeliveries, Database, deleteEvents, transact } from '@longshore/metadata';
import { Metrics, series } from '@longshore/telemetry';
import { NotifierSettings } from '../notifier-settings.ts';
import { envelopeOf, isWanted } from './envelope.ts';

/** Takes events from the stream and records their deliveries. The same transaction deletes the event from the outbox. */
@Injectable()
export class DeliveriesConsumer implements OnApplicationBootstrap {
  readonly #events;

  constructor(
    private readonly stream: EventStream,
    private readonly database: Database,
    private readonly settings: NotifierSettings,
    metrics: Metrics,
  ) {
    this.#events = metrics.counter(series.notificationEvents);
  }

  onApplicationBootstrap(): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only events made by registryEvent get into the outbox
    this.stream.consume('notifier', async ({ data }) => this.record(data as RegistryEvent));
  }

  async record(event: RegistryEvent): Promise<void> {
    const listeners = this.settings.endpoints.filter((endpoint) => isWanted(event, endpoint));
    const envelope = envelopeOf(event);
    const added = await transact(this.database.db, async (tx) => {
      const deliveries = await addDeliveries(
        tx,
        listeners.map(({ name }) => ({ endpoint: name, eventId: event.id, envelope })),
      );
      await deleteEvents(tx, [event.id]);
      return deliveries;
    });
    for (const { endpoint } of added) this.#events.inc({ type: 'Events', endpoint });
  }
}
