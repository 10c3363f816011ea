import { type Abstract, type DynamicModule, Module, type Type } from '@nestjs/common';
import { CertificateAccounts } from '@longshore/authorization';
import { Metrics, series } from '@longshore/telemetry';
import { Authenticator } from '../access/authenticator.ts';
import { Readiness } from '../health/readiness.ts';
import { ClientCertificates } from '../http/client-certificates.ts';
import { DoorSettings } from '../http/door-settings.ts';
import { clientSealOf } from '../http/client-seal.ts';
import { FrontSettings } from '../http/front-settings.ts';
import { RequestObserver } from '../http/request-observer.ts';
import { Transfers } from '../http/transfers.ts';
import { AuditTrail } from '../observation/audit-trail.ts';
import { OutcomeObserver } from '../observation/outcome-observer.ts';
import { ServiceLog } from '../observation/service-log.ts';
import { ServiceKitModule } from '../service-kit.module.ts';
import { Lifecycle } from './lifecycle.ts';
import type { ServiceContext } from './start-service.ts';

/** A port and its adapter in this process. */
export type Part = readonly [port: Abstract<unknown> | Type, adapter: unknown];

@Module({})
class PartsModule {}

@Module({})
class RootModule {}

/** Builds the root module of a process: its feature modules, and global providers for the adapters of their ports. */
export function rootModule(
  context: ServiceContext,
  features: readonly (DynamicModule | Type)[],
  parts: readonly Part[],
): DynamicModule {
  const { config, log, metrics, readiness, lifecycle } = context;
  const opensDoor = parts.some(([port]) => port === Authenticator);
  const audit = parts.map(([, adapter]) => adapter).find((adapter) => adapter instanceof AuditTrail);
  const accessLog = !config.log.accesslog.disabled;
  const all: readonly Part[] = [
    ...parts,
    [Readiness, readiness],
    [Lifecycle, lifecycle],
    [ServiceLog, new ServiceLog(log)],
    [Metrics, metrics],
    // Its series are those of a door.
    ...(opensDoor
      ? [[RequestObserver, new OutcomeObserver({ log, metrics, accessLog, audit })] as const]
      : []),
  ];
  const shared: DynamicModule = {
    module: PartsModule,
    global: true,
    providers: all.map(([provide, useValue]) => ({ provide, useValue })),
    exports: all.map(([port]) => port),
  };
  return { module: RootModule, imports: [shared, ...(opensDoor ? [doorTo(context)] : []), ...features] };
}

/** Only a process with an Authenticator has a door. */
function doorTo({ config: { auth, http, services, storage }, metrics }: ServiceContext): DynamicModule {
  const transfers = new Transfers(http.transfers);
  watchTransfers(metrics, transfers);
  return ServiceKitModule.forRoot({
    transfers,
    front: new FrontSettings({
      headers: http.headers,
      trustedProxies: http.trustedproxies,
      host: http.host,
      relativeUrls: http.relativeurls,
      seal: clientSealOf(services.secret),
      certificates:
        auth?.certificate === undefined
          ? undefined
          : new ClientCertificates(new CertificateAccounts(auth.certificate.accounts)),
    }),
    door: new DoorSettings({ readOnly: storage.maintenance.readonly.enabled }),
  });
}

function watchTransfers(metrics: Metrics, transfers: Transfers): void {
  metrics.watchGauge(series.httpTransfers, (set) => set({}, transfers.current));
  metrics.watchCounter(series.httpTransfersRefused, (set) => {
    for (const [limit, count] of Object.entries(transfers.refused)) set({ limit }, count);
  });
}
