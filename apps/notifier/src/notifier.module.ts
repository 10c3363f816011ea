import { type DynamicModule, Module } from '@nestjs/common';
import { DeliveriesConsumer } from './deliveries/deliveries.consumer.ts';
import { DeliveriesWorker } from './deliveries/deliveries.worker.ts';
import { DeliveryLimitsWorker } from './deliveries/delivery-limits.worker.ts';
import { QueueDepthsWorker } from './deliveries/queue-depths.worker.ts';
import { WebhookClient } from './deliveries/webhook-client.ts';
import { NotifierSettings } from './notifier-settings.ts';
import { OutboxRelayWorker } from './relay/outbox-relay.worker.ts';

/** Delivers events from the outbox to the webhooks. The importing process provides Database and EventStream. */
@Module({})
export class NotifierModule {
  static register(settings: NotifierSettings): DynamicModule {
    return {
      module: NotifierModule,
      providers: [
        OutboxRelayWorker,
        DeliveriesConsumer,
        DeliveriesWorker,
        DeliveryLimitsWorker,
        QueueDepthsWorker,
        WebhookClient,
        { provide: NotifierSettings, useValue: settings },
      ],
    };
  }
}
