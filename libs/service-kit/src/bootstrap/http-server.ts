import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A connection on which nothing moves for so long is dropped: the deadline is on progress, never on the whole transfer. */
const idleMilliseconds = 120_000;

/**
 * Node's server with limits fit for a registry. `requestTimeout` is off (its default of 300 s cuts a slow 10 GiB push), idle
 * connections outlive the usual balancers' 60 s (or they answer 502), and a head that never ends is dropped.
 */
export function createHttpServer(handler: RequestHandler, tls?: ServerOptions): Server {
  const limits = {
    keepAliveTimeout: 75_000,
    headersTimeout: 60_000,
    requestTimeout: 0,
    maxHeaderSize: 32 * 1024,
    highWaterMark: 256 * 1024,
    noDelay: true,
  };
  const server =
    tls === undefined ? createServer(limits, handler) : createTlsServer({ ...limits, ...tls }, handler);
  server.setTimeout(idleMilliseconds);
  return server;
}

/** What Node's parser refuses never becomes a request; the client still gets an OCI error document. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, code, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'SIZE_INVALID', 'the request head is too large']
      : ['400 Bad Request', 'UNSUPPORTED', 'the request is not valid HTTP'];
  const body = JSON.stringify({ errors: [{ code, message }] });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nDocker-Distribution-API-Version: registry/2.0\r\nConnection: close\r\n\r\n${body}`,
  );
}
