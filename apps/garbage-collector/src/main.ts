import 'reflect-metadata';
import { serviceDemands } from '@longshore/configuration';
import { Database, openDatabase } from '@longshore/metadata';
import { rootModule, runService } from '@longshore/service-kit';
import { openStore } from '@longshore/service-kit/store';
import { StorageDriver } from '@longshore/storage';
import { CollectorSettings } from './collector-settings.ts';
import { GarbageCollectorModule } from './garbage-collector.module.ts';

await runService({
  ...serviceDemands['garbage-collector'],
  name: 'garbage-collector',
  compose: async (context) => {
    const { config } = context;
    const database = await openDatabase(context);
    const driver = await openStore(context);
    const collector = GarbageCollectorModule.register(new CollectorSettings(config));
    return {
      module: rootModule(
        context,
        [collector],
        [
          [Database, database],
          [StorageDriver, driver],
        ],
      ),
    };
  },
});
