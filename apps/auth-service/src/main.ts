import 'reflect-metadata';
import { PolicyRights, Rights } from '@longshore/authorization';
import { accessPolicy, serviceDemands } from '@longshore/configuration';
import { Bus, BusServer, createBus } from '@longshore/messaging';
import { Database, openDatabase } from '@longshore/metadata';
import { rootModule, runService } from '@longshore/service-kit';
import { AuthServiceModule } from './auth-service.module.ts';
import { AuthSettings } from './auth-settings.ts';
import { watchAccounts } from './accounts/watch-accounts.ts';

await runService({
  ...serviceDemands['auth-service'],
  name: 'auth-service',
  compose: async (context) => {
    const { config, readiness } = context;
    const settings = new AuthSettings(config);
    const database = await openDatabase(context);
    const bus = createBus(context);
    readiness.require('nats', () => bus.ready());
    watchAccounts(settings, readiness);
    return {
      module: rootModule(
        context,
        [AuthServiceModule.register(settings)],
        [
          [Bus, bus],
          [Database, database],
          [Rights, new PolicyRights(await accessPolicy(config))],
        ],
      ),
      transport: new BusServer(bus),
    };
  },
});
