import { PolicyRights, Rights } from '@longshore/authorization';
import type { Configuration } from '@longshore/configuration';
import { Bus, BusServer } from '@longshore/messaging';
import { Database } from '@longshore/metadata';
import { Lifecycle, Readiness, rootModule, type ServiceContext } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthServiceModule } from '../auth-service.module.ts';
import { AuthSettings } from '../auth-settings.ts';

export const contextOf = (name: string, config: Configuration): ServiceContext => ({
  name,
  config,
  log: createLogger({ level: 'silent' }),
  metrics: new Metrics({ service: name }),
  readiness: new Readiness(),
  lifecycle: new Lifecycle(),
});

/** Starts auth-service as its process composes it. */
export async function startAuthService(
  context: ServiceContext,
  { bus, database }: { readonly bus: Bus; readonly database: Database },
): Promise<INestMicroservice> {
  const feature = AuthServiceModule.register(new AuthSettings(context.config));
  const module = rootModule(
    context,
    [feature],
    [
      [Bus, bus],
      [Database, database],
      [Rights, new PolicyRights()],
    ],
  );
  const options = { strategy: new BusServer(bus), logger: false, abortOnError: false } as const;
  const app = await NestFactory.createMicroservice(module, options);
  await app.listen();
  return app;
}
