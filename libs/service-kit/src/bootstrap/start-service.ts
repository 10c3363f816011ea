import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:tls';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy, MicroserviceOptions } from '@nestjs/microservices';
import { createLogger, type Logger, Metrics, startTelemetry } from '@longshore/telemetry';
import type { ServedRoutes } from '@longshore/oci';
import { type Configuration, refuseUnusable, type ServiceDemands } from '@longshore/configuration';
import { watchConfiguredChecks } from '../health/configured-checks.ts';
import { startDebugServer } from '../health/debug-server.ts';
import { Readiness } from '../health/readiness.ts';
import { watchTokenKeys } from '../health/watched-file.ts';
import { ServiceLog } from '../observation/service-log.ts';
import { createHttpApplication, listen } from './http-application.ts';
import { Lifecycle } from './lifecycle.ts';
import { nestLogger } from './nest-logger.ts';
import { openRegistryWarning } from './open-registry.ts';
import { takeUpRenewedCertificates } from './renewed-certificates.ts';
import { type TlsListener, tlsListener } from './tls-options.ts';

/** The facilities that all parts of a process share. */
export interface ServiceContext {
  readonly name: string;
  readonly config: Configuration;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly lifecycle: Lifecycle;
}

export interface ServiceDefinition extends ServiceDemands {
  /** `ps` shows `longshore-<name>`. */
  readonly name: string;
  /** The routes that the service answers. Undefined if it has no listener for clients. */
  readonly serves?: ServedRoutes;
  readonly compose: (context: ServiceContext) => Composition | Promise<Composition>;
}

/** A service's root module, and the transport that answers its bus's questions (BusServer). */
export interface Composition {
  readonly module: DynamicModule;
  readonly transport?: CustomTransportStrategy;
}

export interface RunningService {
  readonly log: Logger;
  /** Stops accepting work, finishes running work, and closes everything that was opened. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a service from its definition. After a failure it closes everything that it opened.
 * @throws ConfigurationError for the problems that `configuration check` finds
 */
export async function startService(
  { name, serves, uses, compose }: ServiceDefinition,
  config: Configuration,
): Promise<RunningService> {
  await refuseUnusable(config, uses);
  const log = createLogger({ ...config.log, service: name });
  const telemetry = await startTelemetry({
    serviceName: `longshore-${name}`,
    otlpEndpoint: config.telemetry.otlp.endpoint,
  });
  const metrics = new Metrics({ service: name });
  const context: ServiceContext = {
    name,
    config,
    log,
    metrics,
    readiness: new Readiness(),
    lifecycle: new Lifecycle(),
  };
  context.lifecycle.onClose('telemetry', () => telemetry.shutdown());
  let app: INestApplicationContext | undefined;
  let debug: Server | undefined;
  const close = async (): Promise<void> => {
    context.readiness.drain();
    // Nest closes the HTTP server first, which waits for running requests, then the things that they used.
    try {
      await app?.close();
    } finally {
      debug?.close();
      await context.lifecycle.onApplicationShutdown();
    }
  };
  try {
    watchConfiguredChecks(config.health, context.readiness);
    if (serves !== undefined) watchTokenKeys(config, context.readiness);
    const composition = await compose(context);
    app = await (serves === undefined
      ? startWorker(context, composition)
      : startDoor(context, composition, serves));
    debug = await openDebug(context);
    context.readiness.announce(log);
  } catch (error) {
    // A failed close most often follows from the failed start, so the first failure is reported.
    await close().catch((fault: unknown) => log.error({ err: fault }, 'not everything could be closed'));
    throw error;
  }
  return { log, close };
}

async function startDoor(
  { config, log }: ServiceContext,
  { module, transport }: Composition,
  serves: ServedRoutes,
): Promise<INestApplicationContext> {
  const tls = await tlsListener(config.http.tls, new ServiceLog(log));
  const app = await createHttpApplication({
    module,
    logger: nestLogger(log),
    serves,
    ...(tls === undefined ? {} : { tls }),
  });
  try {
    if (transport !== undefined) {
      app.connectMicroservice<MicroserviceOptions>({ strategy: transport });
      await app.startAllMicroservices();
    }
    const server: unknown = app.getHttpServer();
    if (tls !== undefined && server instanceof TlsServer)
      await keepCertificates(server, tls, { config, log });
    await listen(app, config.http.addr);
    const warning = openRegistryWarning(config);
    if (warning !== undefined) log.warn(warning);
  } catch (error) {
    // The workers are already running.
    await app.close();
    throw error;
  }
  return app;
}

/** Takes up renewed certificates, and orders them where `http.tls.letsencrypt` says so, until the listener closes. */
async function keepCertificates(
  server: TlsServer,
  listener: TlsListener,
  { config, log }: Pick<ServiceContext, 'config' | 'log'>,
): Promise<void> {
  const serviceLog = new ServiceLog(log);
  const settings = config.http.tls?.letsencrypt;
  if (settings !== undefined) {
    // The client of ACME is large, and few use it.
    const { startAcme } = await import('../acme/start-acme.ts');
    await startAcme({ settings, server, log: serviceLog });
  }
  takeUpRenewedCertificates(server, listener, serviceLog);
}

async function startWorker(
  { log }: ServiceContext,
  { module, transport }: Composition,
): Promise<INestApplicationContext> {
  const options = { logger: nestLogger(log), abortOnError: false };
  if (transport === undefined) return NestFactory.createApplicationContext(module, options);
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    ...options,
    strategy: transport,
  });
  await app.listen();
  return app;
}

async function openDebug({
  config,
  readiness,
  log,
  metrics: { registry },
}: ServiceContext): Promise<Server | undefined> {
  const { addr, prometheus } = config.http.debug ?? {};
  if (addr === undefined || addr === '') return undefined;
  const exposition = {
    path: prometheus?.path ?? '/metrics',
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
  return startDebugServer({
    addr,
    readiness,
    log,
    trustedProxies: config.http.trustedproxies,
    ...(prometheus?.enabled === false ? {} : { exposition }),
  });
}
