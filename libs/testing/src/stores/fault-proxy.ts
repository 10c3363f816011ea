import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/**
 * - `answer`: the store never sees the request, the client gets this
 * - `reset`: the connection breaks before the store sees the request
 * - `loseAnswer`: the store does as it is asked, then the connection breaks
 * - `cutAnswer`: the connection breaks after so many bytes of the answer's body
 * - `cutRequest`: the connection breaks after so many bytes of the request's body, which reach the store
 * - `stallAnswer`: so many bytes of the answer's body come, then silence
 */
export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  | { readonly kind: 'reset' | 'loseAnswer' }
  | { readonly kind: 'cutAnswer' | 'cutRequest' | 'stallAnswer'; readonly after: number };

export interface FaultProxy extends AsyncDisposable {
  /** What to reach instead of the store: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** All that came, in its order; a test may empty it. */
  readonly requests: ProxiedRequest[];
  /** Asked for each request; undefined lets it pass. A test sets and removes it at will. */
  fault: ((request: ProxiedRequest) => Fault | undefined) | undefined;
  stop(): Promise<void>;
}

/**
 * Stands before a store and does to its requests what networks and overloaded stores do. Headers pass as they came, Host too: signatures over them
 * stay good. @param target the store's origin, `http://127.0.0.1:PORT`
 */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const seen = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers };
    proxy.requests.push(seen);
    const fault = proxy.fault?.(seen);
    // A side that goes away midway is what this is for.
    for (const end of [incoming, outgoing]) end.on('error', () => undefined);
    if (fault?.kind === 'reset') incoming.socket.resetAndDestroy();
    else if (fault?.kind === 'answer')
      incoming.resume().once('end', () => outgoing.writeHead(fault.status, fault.headers).end(fault.body));
    else pass({ hostname, port }, { incoming, outgoing }, fault);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const proxy: FaultProxy = {
    origin: `http://127.0.0.1:${portOf(server.address())}`,
    requests: [],
    fault: undefined,
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return proxy;
}

function pass(
  target: { readonly hostname: string; readonly port: string },
  { incoming, outgoing }: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse },
  fault: Exclude<Fault, { kind: 'answer' }> | undefined,
): void {
  const { socket, method, url: path, rawHeaders: headers } = incoming;
  const forwarded = httpRequest({ ...target, method, path, headers, setHost: false });
  let answered: IncomingMessage | undefined;
  // Swift sends a body behind some answers to HEAD. Those have come nevertheless.
  forwarded.on('error', () => {
    if (answered?.complete !== true) socket.destroy();
  });
  forwarded.on('response', (answer) => {
    answered = answer;
    answer.on('error', () => socket.destroy());
    if (fault?.kind === 'loseAnswer') {
      answer.resume().once('end', () => socket.resetAndDestroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    if (fault?.kind === 'cutAnswer')
      answer.pipe(cut(fault.after, () => socket.resetAndDestroy())).pipe(outgoing);
    else if (fault?.kind === 'stallAnswer') answer.pipe(cut(fault.after, () => undefined)).pipe(outgoing);
    else answer.pipe(outgoing);
  });
  outgoing.once('close', () => forwarded.destroy());
  const breakOff = (): void => {
    forwarded.destroy();
    socket.resetAndDestroy();
  };
  if (fault?.kind === 'cutRequest') incoming.pipe(cut(fault.after, breakOff)).pipe(forwarded);
  else incoming.pipe(forwarded);
}

/** Lets so many bytes pass, a moment later calls `then`, and neither passes more nor ends. */
function cut(after: number, then: () => void): Transform {
  let left = after;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const fitting = chunk.subarray(0, left);
      left -= fitting.byteLength;
      // What passed shall have arrived before the connection breaks.
      if (fitting.byteLength < chunk.byteLength) setTimeout(then, 50);
      else done(null, fitting);
      if (fitting.byteLength < chunk.byteLength) this.push(fitting);
    },
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the proxy has no port');
}
