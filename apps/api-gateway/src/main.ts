import 'reflect-metadata';
import { PolicyRights, Rights } from '@longshore/authorization';
import { accessPolicy, serviceDemands } from '@longshore/configuration';
import { auditOver, authServiceOver, Bus, openBus } from '@longshore/messaging';
import { routesServedBy } from '@longshore/oci';
import {
  Authenticator,
  createAuthenticator,
  openAuditTrail,
  openRateLimits,
  rootModule,
  runService,
} from '@longshore/service-kit';
import { ApiGatewayModule } from './api-gateway.module.ts';
import { GatewaySettings } from './gateway-settings.ts';

await runService({
  ...serviceDemands['api-gateway'],
  name: 'api-gateway',
  serves: routesServedBy('api-gateway'),
  compose: async (context) => {
    const { config, readiness } = context;
    const bus = await openBus(context);
    readiness.require('nats', () => bus.ready());
    const gateway = ApiGatewayModule.register({
      settings: new GatewaySettings(config),
      blobServices: config.services.blobservice.urls,
    });
    const rights = new PolicyRights(await accessPolicy(config));
    const authenticator = createAuthenticator(context, authServiceOver(bus), rights);
    return {
      module: rootModule(
        context,
        [gateway],
        [
          [Bus, bus],
          [Authenticator, authenticator],
          [Rights, rights],
          openRateLimits(context),
          ...openAuditTrail(context, auditOver(bus)),
        ],
      ),
    };
  },
});
