import 'reflect-metadata';
import { PlainRights, Rights } from '@longshore/authorization';
import { serviceDemands, storageDriverOf, storageOptionsOf } from '@longshore/configuration';
import { authServiceOver, natsConnector, NatsBus } from '@longshore/messaging';
import { Database, databaseUrl, openManagedDatabase } from '@longshore/metadata';
import { routesServedBy } from '@longshore/oci';
import { Authenticator, createAuthenticator, rootModule, runService } from '@longshore/service-kit';
import { StorageDriver } from '@longshore/storage';
import { openManagedDriver } from '@longshore/stores';
import { BlobServiceModule } from './blob-service.module.ts';
import { BlobSettings } from './blob-settings.ts';

await runService({
  ...serviceDemands['blob-service'],
  name: 'blob-service',
  serves: routesServedBy('blob-service'),
  compose: async (context) => {
    const { config, lifecycle, log } = context;
    const database = await openManagedDatabase(
      { url: databaseUrl(config.postgres), poolSize: config.postgres?.pool },
      context,
    );
    const driver = await openManagedDriver(
      storageDriverOf(config.storage),
      context,
      storageOptionsOf(config),
    );
    const largestMessageBytes = config.validation.manifests.payloadsizelimit;
    const connector = natsConnector(config.nats, { name: 'blob-service', largestMessageBytes, log });
    const bus = new NatsBus(connector, { secret: config.services.secret });
    await bus.start();
    lifecycle.onClose('bus', () => bus.close());
    const authenticator = createAuthenticator(config, authServiceOver(bus));
    const blobs = BlobServiceModule.register(new BlobSettings(config));
    return {
      module: rootModule(
        context,
        [blobs],
        [
          [Database, database],
          [StorageDriver, driver],
          [Authenticator, authenticator],
          [Rights, new PlainRights()],
        ],
      ),
    };
  },
});
