import 'reflect-metadata';
import { serviceDemands } from '@longshore/configuration';
import { EventStream, JetStreamEventStream, natsConnector } from '@longshore/messaging';
import { Database, databaseUrl, openManagedDatabase } from '@longshore/metadata';
import { rootModule, runService } from '@longshore/service-kit';
import { NotifierModule } from './notifier.module.ts';
import { NotifierSettings } from './notifier-settings.ts';

await runService({
  ...serviceDemands.notifier,
  name: 'notifier',
  compose: async (context) => {
    const { config, lifecycle, log } = context;
    const database = await openManagedDatabase(
      { url: databaseUrl(config.postgres), poolSize: config.postgres?.pool },
      context,
    );
    const largestMessageBytes = config.validation.manifests.payloadsizelimit;
    const stream = new JetStreamEventStream(
      natsConnector(config.nats, { name: 'notifier', largestMessageBytes, log }),
    );
    lifecycle.onClose('event stream', () => stream.close());
    const notifier = NotifierModule.register(new NotifierSettings(config));
    return {
      module: rootModule(
        context,
        [notifier],
        [
          [Database, database],
          [EventStream, stream],
        ],
      ),
    };
  },
});
