import {
  Agent,
  createServer,
  type ClientRequest,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { hopByHop, linger } from '@longshore/service-kit/hop-by-hop';

const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });

/**
 * Balances requests round-robin over the gateways, even within one connection, so that no client sticks to a replica. Bodies stream both ways. It
 * stands in for a cloud's load balancer, and likewise retries another replica only if it has sent nothing of the body.
 */
export function serve(targets: readonly string[]): Server {
  let next = 0;
  // Headers that the gateway refuses by their length must reach the gateway.
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (incoming, outgoing) => {
    const first = next;
    next = (next + 1) % targets.length;
    forward(
      incoming,
      outgoing,
      targets.map((_, index) => targets[(first + index) % targets.length] ?? ''),
    );
  });
  // A slow push is not an error.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 75_000;
  return server;
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  [target, ...others]: readonly string[],
): void {
  if (target === undefined) return refuse(outgoing, 503);
  const upstream = open(incoming, target);
  let sent = false;
  upstream.on('response', (answer) => {
    sent = true;
    if (!incoming.complete && hasBody(incoming)) linger(incoming, () => abandon(incoming, upstream));
    relay(answer, outgoing, incoming.complete);
  });
  upstream.on('error', () => {
    if (outgoing.headersSent || outgoing.destroyed) return;
    // The connection was refused, or the replica had closed it while idle: the replica has seen nothing of this request.
    if (!sent && !incoming.readableDidRead) return forward(incoming, outgoing, others);
    if (!sent && upstream.reusedSocket && !hasBody(incoming))
      return forward(incoming, outgoing, [target, ...others]);
    return refuse(outgoing, 502);
  });
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) upstream.destroy();
  });
  sendBody(incoming, upstream);
}

function open(incoming: IncomingMessage, target: string): ClientRequest {
  const separator = target.lastIndexOf(':');
  const headers = [
    ...endToEnd(incoming.rawHeaders),
    'X-Forwarded-For',
    incoming.socket.remoteAddress ?? '',
    'X-Forwarded-Proto',
    'http',
  ];
  if (incoming.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked');
  return request({
    host: target.slice(0, separator),
    port: Number(target.slice(separator + 1)),
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers,
    agent,
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Reads nothing from the client until a replica has accepted the connection. */
function sendBody(incoming: IncomingMessage, upstream: ClientRequest): void {
  if (!hasBody(incoming)) {
    upstream.end();
    return;
  }
  // Uses a plain pipe: a replica that refuses early breaks it, and its answer must still reach the client.
  upstream.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => incoming.pipe(upstream));
    else incoming.pipe(upstream);
  });
  upstream.flushHeaders();
}

function relay(answer: IncomingMessage, outgoing: ServerResponse, bodyIsRead: boolean): void {
  const ending = bodyIsRead ? [] : ['Connection', 'close'];
  outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', [
    ...endToEnd(answer.rawHeaders),
    ...ending,
  ]);
  // An answer that breaks off upstream must also break off here, so that it does not look complete.
  pipeline(answer, outgoing, (error) => {
    if (error) outgoing.destroy();
  });
}

/** Closes a replica's connection after its answer, since it may wait for a body that will not come. */
function abandon(incoming: IncomingMessage, upstream: ClientRequest): void {
  incoming.unpipe(upstream);
  if (!upstream.writableFinished) upstream.destroy();
}

function endToEnd(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter(
    (_, index) => !hopByHop.has((rawHeaders[index - (index % 2)] ?? '').toLowerCase()),
  );
}

function refuse(outgoing: ServerResponse, status: 502 | 503): void {
  const body = JSON.stringify({ errors: [{ code: 'UNAVAILABLE', message: 'no gateway answers' }] });
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'retry-after': '1',
    connection: 'close',
  });
  outgoing.end(body);
}
