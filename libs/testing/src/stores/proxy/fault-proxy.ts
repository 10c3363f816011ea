import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../../http/port-of.ts';
import type { Fault, ProxiedRequest } from './fault.ts';
import { handle } from './handle.ts';

export interface FaultProxy extends AsyncDisposable {
  /** What to reach instead of the store: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** All that came, in its order; a test may empty it. */
  readonly requests: ProxiedRequest[];
  /** Asked for each request; undefined lets it pass. A test sets and removes it at will. */
  fault: ((request: ProxiedRequest) => Fault | undefined) | undefined;
  stop(): Promise<void>;
}

/**
 * Stands before a store and does to its requests what networks and overloaded stores do. Headers pass as they came, Host too: signatures over them
 * stay good. A client that asks whether to go on (`Expect: 100-continue`) is told what the store says.
 * @param target the store's origin, `http://127.0.0.1:PORT`
 */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer();
  const receive = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const seen = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers };
    proxy.requests.push(seen);
    // A side that goes away midway is what this is for.
    for (const end of [incoming, outgoing]) end.on('error', () => undefined);
    handle({ incoming, outgoing, target: { hostname, port } }, proxy.fault?.(seen));
  };
  server.on('request', receive).on('checkContinue', receive);
  // A large part of an object may take its time.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const proxy: FaultProxy = {
    origin: `http://127.0.0.1:${portOf(server.address())}`,
    requests: [],
    fault: undefined,
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return proxy;
}
