import 'reflect-metadata';
import { serviceDemands } from '@longshore/configuration';
import { Bus, BusServer, createBus } from '@longshore/messaging';
import { Database, openDatabase } from '@longshore/metadata';
import { rootModule, runService } from '@longshore/service-kit';
import { ManifestServiceModule } from './manifest-service.module.ts';
import { ManifestSettings } from './manifest-settings.ts';

await runService({
  ...serviceDemands['manifest-service'],
  name: 'manifest-service',
  compose: async (context) => {
    const { config, readiness } = context;
    const database = await openDatabase(context);
    const bus = createBus(context);
    readiness.require('nats', () => bus.ready());
    const manifests = ManifestServiceModule.register(new ManifestSettings(config));
    return {
      module: rootModule(
        context,
        [manifests],
        [
          [Bus, bus],
          [Database, database],
        ],
      ),
      transport: new BusServer(bus),
    };
  },
});
