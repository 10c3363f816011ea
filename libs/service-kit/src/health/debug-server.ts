import { once } from 'node:events';
import type { Server } from 'node:http';
import { parseAddress } from '@longshore/configuration';
import type { Logger } from '@longshore/telemetry';
import { createHttpServer, refuseMalformed } from '../bootstrap/http-server.ts';
import { Clients } from '../http/clients.ts';
import { Front } from '../http/front.ts';
import { FrontSettings } from '../http/front-settings.ts';
import { ServiceLog } from '../observation/service-log.ts';
import { DebugDoor, type Exposition } from './debug-door.ts';
import { DebugObserver } from './debug-observer.ts';
import type { Readiness } from './readiness.ts';

export interface DebugServerOptions {
  readonly addr: string;
  readonly readiness: Readiness;
  /** Absent if metrics are switched off. */
  readonly exposition?: Exposition | undefined;
  readonly log: Logger;
  /** `http.trustedproxies`. */
  readonly trustedProxies?: readonly string[];
}

/**
 * Serves health and metrics on a separate listener, which no ingress reaches, behind a front like that of any listener. Does not set the configured
 * headers, which are for the registry's clients: a header that lets pages of another origin read answers would open the metrics to them.
 */
export async function startDebugServer({
  addr,
  readiness,
  exposition,
  log,
  trustedProxies = [],
}: DebugServerOptions): Promise<Server> {
  const settings = new FrontSettings({ traced: false, trustedProxies });
  const front = new Front(
    new DebugDoor(readiness, exposition),
    new Clients(settings, new ServiceLog(log)),
    new DebugObserver(log),
    settings,
  );
  const server = createHttpServer((request, response) => front.handle(request, response));
  server.on('clientError', refuseMalformed);
  server.listen(parseAddress(addr));
  await once(server, 'listening');
  return server;
}
