import type { Server } from 'node:http';
import { parseAddress } from '@longshore/configuration';
import type { DynamicModule, INestApplication, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServedRoutes } from '@longshore/oci';
import { ControllerTable } from '../endpoints/controller-table.ts';
import { EndpointTable } from '../endpoints/endpoint-table.ts';
import { requireHandlers } from '../endpoints/require-handlers.ts';
import { answerFault } from '../http/fault.filter.ts';
import { Front } from '../http/front.ts';
import { createHttpServer, refuseMalformed, type RequestHandler } from './http-server.ts';
import type { TlsListener } from './tls-options.ts';

export interface HttpApplicationOptions {
  readonly module: Type | DynamicModule;
  readonly logger: LoggerService | false;
  readonly tls?: TlsListener;
  /** The routes for which the process must have handlers. */
  readonly serves: ServedRoutes;
}

/**
 * Creates the Nest application. Its server gives every request to the Front, and the Front gives those outside /v2 to Fastify.
 * @throws Error for a route without a handler, and for a controller's method without `@Access`
 */
export async function createHttpApplication({
  module,
  logger,
  tls,
  serves,
}: HttpApplicationOptions): Promise<NestFastifyApplication> {
  let front: Front | undefined;
  let controllers: RequestHandler | undefined;
  const adapter = new FastifyAdapter({
    // The listener opens when the application is complete, so the front exists before the first request.
    serverFactory: (fastify: RequestHandler): Server => {
      controllers = fastify;
      return createHttpServer((request, response) => front?.handle(request, response), tls);
    },
    clientErrorHandler: refuseMalformed,
    frameworkErrors: answerFault,
    // A request that came before the listener closed is answered by its controller.
    return503OnClosing: false,
    // A rule's name of 128 characters, percent-encoded.
    routerOptions: { maxParamLength: 2048 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
  // Controllers read bodies themselves, with their own limits and deadlines. Fastify's parsers know no deadline, and they would report a malformed
  // body as a fault of ours.
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const opened = app.get(Front, { strict: false });
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { url } = request.routeOptions;
    if (url !== undefined) opened.routed(request.raw, url);
    done();
  });
  try {
    await app.init();
    const endpoints = app.get(EndpointTable, { strict: false });
    endpoints.load();
    const rows = app.get(ControllerTable, { strict: false }).rows();
    const isRegistered = (method: string, url: string): boolean => fastify.hasRoute({ method, url });
    requireHandlers(serves, { endpoints, rows, isRegistered });
  } catch (error) {
    // The workers are already running.
    await app.close();
    throw error;
  }
  if (controllers !== undefined) opened.open(controllers);
  front = opened;
  return app;
}

export async function listen(app: INestApplication, addr: string): Promise<void> {
  const { host, port } = parseAddress(addr);
  await app.listen(port, host ?? '::');
}
