import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Ports of the loopback that nobody listens on. All are held until the last is known, so that none is given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

/** Rejects, with a sentence for the user, when nobody could listen there: better now than after everything else has started. */
export async function expectFree(address: string): Promise<void> {
  const separator = address.lastIndexOf(':');
  const server = createServer().listen(
    Number(address.slice(separator + 1)),
    address.slice(0, separator) || undefined,
  );
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

async function listen(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
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
