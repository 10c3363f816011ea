import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { portOf } from '@longshore/testing';
import type { Proxy, ProxyPlace } from './documented-proxy.ts';

/**
 * Changes requests like an AWS Application Load Balancer, by its documentation: HTTP/2 to clients, HTTP/1.1 with kept connections to the target,
 * `Host` unchanged, X-Forwarded-For, -Proto and -Port appended to those of an earlier balancer, no X-Forwarded-Host, a trace id.
 * @param earlier the headers of a balancer in front of it
 */
export async function startLoadBalancer(
  { folder, registry }: ProxyPlace,
  earlier: OutgoingHttpHeaders = {},
): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  const forward = async (incoming: Http2ServerRequest, outgoing: Http2ServerResponse): Promise<void> => {
    const headers = { ...endToEnd(incoming.headers), ...added(incoming, port, earlier) };
    const { method, url: path } = incoming;
    const outbound = request(`http://${registry}`, { agent, method, path, headers });
    await Promise.all([pipeline(incoming, outbound), passBack(outbound, outgoing)]);
  };
  const certificate = join(folder, 'registry.crt');
  const [cert, key] = await Promise.all(
    [certificate, join(folder, 'registry.key')].map((file) => readFile(file)),
  );
  const server = createSecureServer({ cert, key, allowHTTP1: true }, (incoming, outgoing) => {
    // Cuts the client's connection, like a balancer without an answer.
    forward(incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  return {
    origin: `https://127.0.0.1:${port}`,
    certificate,
    stop: async () => {
      agent.destroy();
      server.close();
    },
  };
}

async function passBack(outbound: ClientRequest, outgoing: Http2ServerResponse): Promise<void> {
  const [answer]: unknown[] = await once(outbound, 'response');
  if (!(answer instanceof IncomingMessage)) throw new Error('there is no answer');
  outgoing.writeHead(answer.statusCode ?? 0, endToEnd(answer.headers));
  await pipeline(answer, outgoing);
}

function added(
  { headers, socket }: Http2ServerRequest,
  port: number,
  earlier: OutgoingHttpHeaders,
): OutgoingHttpHeaders {
  const own = {
    'x-forwarded-for': socket.remoteAddress,
    'x-forwarded-proto': 'https',
    'x-forwarded-port': String(port),
  };
  const lists = Object.entries(own).map(([name, value]) => [
    name,
    [earlier[name] ?? [], value].flat().join(', '),
  ]);
  return {
    ...Object.fromEntries(lists),
    host: headers[':authority'] ?? headers.host,
    'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678',
  };
}

const ofTheConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect']);

function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith(':') && !ofTheConnection.has(name)),
  );
}
