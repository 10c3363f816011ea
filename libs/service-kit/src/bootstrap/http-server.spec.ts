import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { eventually, portOf } from '@longshore/testing';
import { expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';

const request = 'GET / HTTP/1.1\r\nHost: registry\r\n\r\n';

it('ends with the requests under way: a client that goes on asking on its connection is told to close it', async () => {
  const held: ServerResponse[] = [];
  const server = createHttpServer((_request, response) => void held.push(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [asking, silent] = [0, 1].map(() => connect(portOf(server.address())));
  if (asking === undefined || silent === undefined) throw new Error('no connections');
  const [asked, unasked] = [ended(asking), ended(silent)];
  for (const socket of [asking, silent]) socket.write(request);
  await eventually(() => expect(held).toHaveLength(2));
  const closed = once(server, 'close');
  server.close();
  asking.write(request);
  for (const response of held) response.end('before');
  await eventually(() => expect(held).toHaveLength(3));
  held[2]?.end('after');
  const [first = '', second = ''] = (await asked).split('before');
  expect(first).not.toContain('Connection: close');
  expect(second).toContain('Connection: close');
  expect(second).toContain('after');
  expect(await unasked).toContain('before');
  await closed;
});

/** Resolves with all bytes of a connection, when the server has ended it. */
async function ended(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'end');
  return text;
}
