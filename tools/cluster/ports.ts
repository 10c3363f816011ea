import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

// Below the range for outgoing connections, so that no connection takes a service's port while the service is down.
const lowestPort = 20_000;
const highestPort = 32_000;

/** Returns free ports of the loopback. Holds all of them until the last is known, so that none is returned twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

/** Rejects with a sentence for the user if the address cannot be bound, before anything else has started. */
export async function expectFree(address: string): Promise<void> {
  const server = createServer().listen(listenOptions(address));
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(
      `cannot listen on ${address}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  await close(server);
}

/** Parses `host:port`, `:port` (all interfaces) or `[v6]:port`. */
export function listenOptions(address: string): { readonly host?: string; readonly port: number } {
  const separator = address.lastIndexOf(':');
  const host = address.slice(0, separator).replace(/^\[(.*)\]$/, '$1');
  return { ...(host !== '' && { host }), port: Number(address.slice(separator + 1)) };
}

async function listen(): Promise<Server> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const server = createServer().listen(randomInt(lowestPort, highestPort), '127.0.0.1');
    try {
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  throw new Error(`no free port was found between ${lowestPort} and ${highestPort}`);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the operating system gave no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
