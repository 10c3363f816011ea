import { once } from 'node:events';
import { createServer } from 'node:net';

/** Returns an address that was free a moment ago, for a listener whose address must be known before it starts. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
