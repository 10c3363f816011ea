import 'reflect-metadata';
import { PlainRights, Rights } from '@longshore/authorization';
import { serviceDemands } from '@longshore/configuration';
import { Bus, BusServer, natsConnector, NatsBus } from '@longshore/messaging';
import { Database, databaseUrl, openManagedDatabase } from '@longshore/metadata';
import { rootModule, runService } from '@longshore/service-kit';
import { AuthServiceModule } from './auth-service.module.ts';
import { AuthSettings } from './auth-settings.ts';
import { watchAccounts } from './accounts/watch-accounts.ts';

await runService({
  ...serviceDemands['auth-service'],
  name: 'auth-service',
  compose: async (context) => {
    const { config, readiness, log } = context;
    const settings = new AuthSettings(config);
    const database = await openManagedDatabase(
      { url: databaseUrl(config.postgres), poolSize: config.postgres?.pool },
      context,
    );
    const largestMessageBytes = config.validation.manifests.payloadsizelimit;
    const connector = natsConnector(config.nats, { name: 'auth-service', largestMessageBytes, log });
    const bus = new NatsBus(connector, { secret: config.services.secret });
    readiness.require('nats', () => bus.ready());
    watchAccounts(settings, readiness);
    return {
      module: rootModule(
        context,
        [AuthServiceModule.register(settings)],
        [
          [Bus, bus],
          [Database, database],
          [Rights, new PlainRights()],
        ],
      ),
      transport: new BusServer(bus),
    };
  },
});
