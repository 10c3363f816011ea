import { once } from 'node:events';
import { createServer } from 'node:net';

/** An address that was free a moment ago, for a listener that must be known before it is there. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
