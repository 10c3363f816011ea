import { ApiGatewayModule, GatewaySettings } from '@longshore/api-gateway';
import { AuthServiceModule, AuthSettings, watchAccounts } from '@longshore/auth-service';
import { PolicyRights, Rights } from '@longshore/authorization';
import { accessPolicy, serviceDemands } from '@longshore/configuration';
import { BlobServiceModule, BlobSettings } from '@longshore/blob-service';
import { CollectorSettings, GarbageCollectorModule } from '@longshore/garbage-collector';
import { ManifestServiceModule, ManifestSettings } from '@longshore/manifest-service';
import {
  authServiceOver,
  Bus,
  BusServer,
  EventStream,
  InProcessBus,
  InProcessEventStream,
} from '@longshore/messaging';
import { addAuditEntries, Database, openDatabase } from '@longshore/metadata';
import { NotifierModule, NotifierSettings } from '@longshore/notifier';
import { routesServedBy } from '@longshore/oci';
import {
  Authenticator,
  type Composition,
  createAuthenticator,
  openAuditTrail,
  openRateLimits,
  type Part,
  rootModule,
  type ServiceContext,
  type ServiceDefinition,
} from '@longshore/service-kit';
import { openStore } from '@longshore/service-kit/store';
import { StorageDriver } from '@longshore/storage';

/** The whole registry as one service. @param postgresUrl a database that is migrated */
export const standaloneDefinition = (postgresUrl: string): ServiceDefinition => ({
  ...serviceDemands.standalone,
  name: 'standalone',
  serves: routesServedBy('api-gateway'),
  compose: (context) => composeStandalone(context, postgresUrl),
});

/** Composes all six modules in one process: the code of the cluster, with the bus in memory and the blob routes served in the same process. */
export async function composeStandalone(context: ServiceContext, postgresUrl: string): Promise<Composition> {
  const { config, lifecycle, log } = context;
  const database = await openDatabase(context, postgresUrl);
  const driver = await openStore(context);
  const bus = new InProcessBus({ log, metrics: context.metrics });
  const stream = new InProcessEventStream({ log });
  lifecycle.onClose('event stream', () => stream.close());
  const rights = new PolicyRights(await accessPolicy(config));
  const parts: readonly Part[] = [
    [Bus, bus],
    [EventStream, stream],
    [Database, database],
    [StorageDriver, driver],
    [Authenticator, createAuthenticator(context, authServiceOver(bus), rights)],
    [Rights, rights],
    openRateLimits(context),
    ...openAuditTrail(context, (entries) => addAuditEntries(database.db, entries)),
  ];
  const authSettings = new AuthSettings(config);
  watchAccounts(authSettings, context.readiness);
  const features = [
    ApiGatewayModule.register({ settings: new GatewaySettings(config) }),
    BlobServiceModule.register(new BlobSettings(config)),
    ManifestServiceModule.register(new ManifestSettings(config)),
    AuthServiceModule.register(authSettings),
    NotifierModule.register(new NotifierSettings(config)),
    GarbageCollectorModule.register(new CollectorSettings(config)),
  ];
  return { module: rootModule(context, features, parts), transport: new BusServer(bus) };
}
