import 'reflect-metadata';
import { serviceDemands } from '@longshore/configuration';
import { Bus, BusServer, natsConnector, NatsBus } from '@longshore/messaging';
import { Database, databaseUrl, openManagedDatabase } from '@longshore/metadata';
import { rootModule, runService } from '@longshore/service-kit';
import { ManifestServiceModule } from './manifest-service.module.ts';
import { ManifestSettings } from './manifest-settings.ts';

await runService({
  ...serviceDemands['manifest-service'],
  name: 'manifest-service',
  compose: async (context) => {
    const { config, readiness, log } = context;
    const database = await openManagedDatabase(
      { url: databaseUrl(config.postgres), poolSize: config.postgres?.pool },
      context,
    );
    const largestMessageBytes = config.validation.manifests.payloadsizelimit;
    const bus = new NatsBus(
      natsConnector(config.nats, { name: 'manifest-service', largestMessageBytes, log }),
    );
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
