import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RawAnswer {
  /** 0 if the server closed the connection without an answer. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * Sends bytes that no HTTP library would send. Returns what the server sent until it closed the connection, or until it was silent for `quietMs`
 * after some bytes. Waits at most `withinMs`.
 */
export async function rawExchange(
  origin: string,
  bytes: string | Uint8Array,
  { quietMs = 300, withinMs = 15_000 } = {},
): Promise<RawAnswer> {
  const socket = await connectTo(origin);
  const chunks: Buffer[] = [];
  let lastHeard = Number.POSITIVE_INFINITY;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    lastHeard = performance.now();
  });
  // A server that refuses early resets the connection while we still write; its answer counts.
  socket.on('error', () => undefined);
  socket.write(bytes);
  const isQuiet = (): boolean => performance.now() - lastHeard > quietMs;
  const deadline = performance.now() + withinMs;
  while (!socket.closed && performance.now() < deadline && !isQuiet()) {
    await sleep(20);
  }
  socket.destroy();
  return parse(Buffer.concat(chunks).toString('latin1'));
}

/** Opens a connection that the caller drives by hand. */
export async function connectTo(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const head = end === -1 ? text : text.slice(0, end);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    head,
    body: end === -1 ? '' : text.slice(end + 4),
  };
}
