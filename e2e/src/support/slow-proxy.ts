import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { portOf } from '@longshore/testing';

export interface SlowProxy {
  readonly host: string;
  /** The bearer tokens that clients sent, each once, in their order. */
  readonly tokens: Set<string>;
  close(): Promise<void>;
}

/** Passes connections on to an origin. What clients send goes at a rate, in bytes per second for each connection. */
export async function startSlowProxy(origin: string, rate: number): Promise<SlowProxy> {
  const { hostname, port } = new URL(origin);
  const tokens = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    void pass(client, upstream);
  });
  async function pass(client: Socket, upstream: Socket): Promise<void> {
    try {
      for await (const chunk of client as AsyncIterable<Buffer>) {
        const found = chunk.toString('latin1').matchAll(/^authorization: bearer ([\w.-]+)\r$/gim);
        for (const [, token = ''] of found) tokens.add(token);
        upstream.write(chunk);
        await sleep((chunk.length / rate) * 1000);
      }
    } catch {
      // The client has closed the connection.
    }
    upstream.end();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${portOf(server.address())}`,
    tokens,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
