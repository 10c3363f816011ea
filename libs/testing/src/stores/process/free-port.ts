import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below what the kernel gives to outgoing connections: nothing takes the port of a server by chance while that server is down.
const lowestPort = 20_000;
const highestPort = 32_000;

/** A port of the loopback that nobody listens on now. Random, so that suites which start at once do not choose the same. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(lowestPort, highestPort);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port was found between ${lowestPort} and ${highestPort}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
