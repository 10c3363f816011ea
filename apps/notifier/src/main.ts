import 'reflect-metadata';
import { EventStream, JetStreamEventStream, natsConnector } from '@longshore/messaging';
import { Database, databaseUrl, openDatabase } from '@longshore/metadata';
import { rootModule, runService } from '@longshore/service-kit';
import { NotifierModule } from './notifier.module.ts';
import { NotifierSettings } from './notifier-settings.ts';

await runService({
  name: 'notifier',
  http: false,
  needs: ['nats', 'postgres'],
  compose: async (context) => {
    const { config, lifecycle, readiness, log } = context;
    const database = await openDatabase({
      url: databaseUrl(config.postgres),
      poolSize: config.postgres?.pool,
    });
    lifecycle.onClose('database', () => database.close());
    readiness.require('postgres', () => database.check());
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
