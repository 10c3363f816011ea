import type { Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { DynamicModule, INestApplication, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { EndpointTable } from '../endpoints/endpoint-table.ts';
import { RegistryDoor } from '../http/registry-door.ts';
import { createHttpServer, type RequestHandler } from './http-server.ts';
import { parseAddress } from './listen-address.ts';

export interface HttpApplicationOptions {
  readonly module: Type | DynamicModule;
  readonly logger: LoggerService | false;
  readonly tls?: ServerOptions;
}

/** Makes the Nest application whose server gives /v2 to the RegistryDoor and everything else to Fastify. */
export async function createHttpApplication({
  module,
  logger,
  tls,
}: HttpApplicationOptions): Promise<NestFastifyApplication> {
  let door: RegistryDoor | undefined;
  const adapter = new FastifyAdapter({
    serverFactory: (fastify: RequestHandler): Server =>
      createHttpServer((request, response) => {
        if (door !== undefined && isRegistryPath(request.url ?? '')) void door.handle(request, response);
        else fastify(request, response);
      }, tls),
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false,
  });
  await app.init();
  app.get(EndpointTable, { strict: false }).load();
  door = app.get(RegistryDoor, { strict: false });
  return app;
}

export async function listen(app: INestApplication, addr: string): Promise<void> {
  const { host, port } = parseAddress(addr);
  await app.listen(port, host ?? '::');
}

/** Any spelling that a lenient router could take for /v2 goes to the door, which refuses all but the exact one. */
function isRegistryPath(url: string): boolean {
  return url.startsWith('/v2') || url.startsWith('//') || /^\/[%vV]/.test(url);
}
