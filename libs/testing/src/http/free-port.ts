import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the kernel's ephemeral ports, so that no outgoing connection takes the port of a server while it is down.
const lowestPort = 20_000;
const highestPort = 32_000;

/**
 * Returns a port of the loopback interface on which nobody listens now. It is random, so that suites that start concurrently do not choose the same.
 */
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
