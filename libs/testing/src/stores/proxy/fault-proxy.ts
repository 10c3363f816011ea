import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../../http/port-of.ts';
import type { Fault, ProxiedRequest } from './fault.ts';
import { handle } from './handle.ts';

export interface FaultProxy extends AsyncDisposable {
  /** The origin to use instead of the store's: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** All requests in order. A test may empty the list. */
  readonly requests: ProxiedRequest[];
  /** Called for each request; undefined lets it pass. A test may set and remove it at any time. */
  fault: ((request: ProxiedRequest) => Fault | undefined) | undefined;
  stop(): Promise<void>;
}

/**
 * Starts a proxy in front of a store that injects the faults of networks and overloaded stores. Headers pass unchanged, including Host, so signatures
 * over them remain valid. `Expect: 100-continue` is answered by the store.
 * @param target the store's origin, `http://127.0.0.1:PORT`
 */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer();
  const receive = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const seen = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers };
    proxy.requests.push(seen);
    // Either side may break off midway; that is the purpose of this proxy.
    for (const end of [incoming, outgoing]) end.on('error', () => undefined);
    handle({ incoming, outgoing, target: { hostname, port } }, proxy.fault?.(seen));
  };
  server.on('request', receive).on('checkContinue', receive);
  // A large part of an object may take long.
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
