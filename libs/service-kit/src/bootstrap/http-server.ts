import { createServer, type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { OciError } from '@longshore/oci';
import { destroyLater } from '../http/hop-by-hop.ts';
import { ReceivedRequest } from '../http/received-request.ts';
import type { TlsListener } from './tls-options.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A connection without progress for so long is dropped. The deadline applies to progress, never to the whole transfer. */
const idleMilliseconds = 120_000;

const idleLookMilliseconds = 250;

/**
 * Creates Node's server with limits for a registry. `requestTimeout` is off, since its default of 300 s cuts a slow 10 GiB push. Idle connections
 * outlive the usual 60 s of balancers, which would otherwise answer 502. A head that never ends is dropped.
 */
export function createHttpServer(handler: RequestHandler, tls?: TlsListener): Server {
  const limits = {
    keepAliveTimeout: 75_000,
    headersTimeout: 60_000,
    requestTimeout: 0,
    maxHeaderSize: 32 * 1024,
    highWaterMark: 64 * 1024,
    noDelay: true,
    // The front refuses a request without Host: Node's own answer has no error document.
    requireHostHeader: false,
    IncomingMessage: ReceivedRequest,
  };
  const serve: RequestHandler = (request, response) => {
    // A closed server must not be kept alive by a client that keeps sending requests on its connection.
    if (!server.listening) response.shouldKeepAlive = false;
    handler(request, response);
  };
  const server =
    tls === undefined ? createServer(limits, serve) : createTlsServer({ ...limits, ...tls.options }, serve);
  server.setTimeout(idleMilliseconds);
  server.on('checkExpectation', serve);
  endIdleConnectionsOnceClosed(server);
  server.on('connect', (_request, socket) => end(socket, notSpoken));
  if (tls !== undefined) {
    server.on('tlsClientError', refusePlainHttp);
    // Runs before Node's own listener, which would read the client's first request.
    server.prependListener('secureConnection', (client: TLSSocket) => tls.clients.take(client));
  }
  return server;
}

/** `close` ends connections that are idle at that moment. Those that become idle later would stay for `keepAliveTimeout`. */
function endIdleConnectionsOnceClosed(server: Server): void {
  const close = server.close.bind(server);
  server.close = (done) => {
    const timer = setInterval(() => server.closeIdleConnections(), idleLookMilliseconds).unref();
    server.once('close', () => clearInterval(timer));
    return close(done);
  };
}

const notSpoken = new OciError('UNSUPPORTED', { reason: 'this server is no proxy' });
const plain = new OciError(
  'UNSUPPORTED',
  { reason: 'this port speaks TLS: the address begins with https://' },
  { status: 400 },
);

/** Explains the mistake to a client that speaks plain HTTP to a TLS port, as Go's servers do. */
function refusePlainHttp(error: NodeJS.ErrnoException, secured: Socket): void {
  if (error.code !== 'ERR_SSL_HTTP_REQUEST') return;
  // TLS has closed its side. The connection below it, which Node keeps here, is still open.
  const connection: unknown = Reflect.get(secured, '_parent');
  if (connection instanceof Socket) end(connection, plain);
}

/** Sends an OCI error document for requests that Node's parser refuses, which never become requests. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  // Node keeps the current answer here, for its own handler of these errors.
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  if (!(answer instanceof ServerResponse)) end(socket, refusalOf(error));
  else if (answer.req.complete) endAfter(answer, socket);
  // The request itself is broken, in its body.
  else if (answer.headersSent) socket.destroy();
  else end(socket, refusalOf(error));
}

/** Sends the answer completely: the unreadable bytes follow a valid request. */
function endAfter(answer: ServerResponse, socket: Socket): void {
  answer.shouldKeepAlive = false;
  answer.once('finish', () => socket.end());
}

function refusalOf({ code = '' }: NodeJS.ErrnoException): OciError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new OciError('SIZE_INVALID', { reason: 'the request head is too large' }, { status: 431 });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new OciError('UNSUPPORTED', { reason: 'the request head took too long' }, { status: 408 });
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE':
      return new OciError('UNSUPPORTED', { reason: 'HTTP/1.1 is spoken here' }, { status: 505 });
    default:
      return new OciError('UNSUPPORTED', { reason: 'the request is not valid HTTP' }, { status: 400 });
  }
}

function end(socket: Duplex, refusal: OciError): void {
  const body = refusal.body();
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Docker-Distribution-API-Version: registry/2.0',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  destroyLater(socket);
  socket.resume();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
