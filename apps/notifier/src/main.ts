import 'reflect-metadata';
import { serviceDemands } from '@longshore/configuration';
import { EventStream, openEventStream } from '@longshore/messaging';
import { Database, openDatabase } from '@longshore/metadata';
import { rootModule, runService } from '@longshore/service-kit';
import { NotifierModule } from './notifier.module.ts';
import { NotifierSettings } from './notifier-settings.ts';

await runService({
  ...serviceDemands.notifier,
  name: 'notifier',
  compose: async (context) => {
    const database = await openDatabase(context);
    const stream = openEventStream(context);
    const notifier = NotifierModule.register(new NotifierSettings(context.config));
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
