import 'reflect-metadata';
import { PolicyRights, Rights } from '@longshore/authorization';
import { accessPolicy, serviceDemands } from '@longshore/configuration';
import { auditOver, authServiceOver, openBus } from '@longshore/messaging';
import { Database, openDatabase } from '@longshore/metadata';
import { routesServedBy } from '@longshore/oci';
import {
  Authenticator,
  createAuthenticator,
  openAuditTrail,
  openRateLimits,
  rootModule,
  runService,
} from '@longshore/service-kit';
import { openStore } from '@longshore/service-kit/store';
import { StorageDriver } from '@longshore/storage';
import { BlobServiceModule } from './blob-service.module.ts';
import { BlobSettings } from './blob-settings.ts';

await runService({
  ...serviceDemands['blob-service'],
  name: 'blob-service',
  serves: routesServedBy('blob-service'),
  compose: async (context) => {
    const { config } = context;
    const database = await openDatabase(context);
    const driver = await openStore(context);
    const bus = await openBus(context);
    const rights = new PolicyRights(await accessPolicy(config));
    const authenticator = createAuthenticator(context, authServiceOver(bus), rights);
    const blobs = BlobServiceModule.register(new BlobSettings(config));
    return {
      module: rootModule(
        context,
        [blobs],
        [
          [Database, database],
          [StorageDriver, driver],
          [Authenticator, authenticator],
          [Rights, rights],
          openRateLimits(context),
          ...openAuditTrail(context, auditOver(bus)),
        ],
      ),
    };
  },
});
