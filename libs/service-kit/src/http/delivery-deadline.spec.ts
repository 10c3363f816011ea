import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { portOf } from '@longshore/testing';
import { afterEach, expect, it } from 'vitest';
import { watchDelivery } from './delivery-deadline.ts';

const chunk = Buffer.alloc(64 * 1024);
const chunks = 1024;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

/** Starts an answer of 64 MiB, with its client. */
async function delivery(deadline: number): Promise<{ response: ServerResponse; client: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(portOf(server.address()), '127.0.0.1');
  client.on('error', () => undefined);
  cleanups.push(
    () => server.close(),
    () => client.destroy(),
  );
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const asked: unknown[] = await once(server, 'request');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what Node's server says of a request
  const response = asked[1] as ServerResponse;
  response.on('error', () => undefined);
  cleanups.push(watchDelivery(response, deadline));
  Readable.from(Array.from({ length: chunks }, () => chunk)).pipe(response);
  return { response, client };
}

it('disconnects a client that reads nothing, and at the deadline, not at twice the time', async () => {
  const { response, client } = await delivery(800);
  client.pause();
  const reset = once(client, 'error');
  const began = performance.now();
  await once(response, 'close');
  client.resume();
  // The kernel has discarded the rest.
  expect(await reset).toMatchObject([{ code: 'ECONNRESET' }]);
  expect(response.writableFinished).toBe(false);
  expect(performance.now() - began).toBeGreaterThanOrEqual(800);
});

it('waits for one that takes longer than that in all, little by little', async () => {
  const { response, client } = await delivery(3_000);
  client.on('data', () => {
    client.pause();
    setTimeout(() => client.resume(), 5);
  });
  const began = performance.now();
  await once(response, 'finish');
  expect(response.writableFinished).toBe(true);
  expect(performance.now() - began).toBeGreaterThan(3_000);
});
