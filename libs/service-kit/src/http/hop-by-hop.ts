import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers of one connection, beside those that `Connection` names (RFC 9110 §7.6.1). Forwarding them would apply them to the wrong connection. */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** Closes the socket of a refused client after 2 s, so that the client can read the answer first. */
export function destroyLater(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), 2000);
  socket.once('close', () => clearTimeout(timer));
}

/**
 * Keeps the connection open for a while after its last answer. Node destroys the socket at once. If bytes of the client are still in transit, that
 * resets the connection, and a client that is still writing never reads the answer. So only our half is closed, and the client's bytes are discarded
 * (RFC 9112 §9.6).
 * @param release takes the body from its reader, when the answer has been sent
 */
export function linger(request: IncomingMessage, release?: () => void): void {
  const { socket } = request;
  socket.destroySoon = () => {
    socket.end();
    release?.();
    readToNowhere(request);
    destroyLater(socket);
  };
}

/**
 * Discards the rest of a body. Node does this only for an untouched body. A partly read one would stay in front of the connection's next request, and
 * a reader that has given up but still waits for `readable` would keep it there.
 */
export function readToNowhere(request: IncomingMessage): void {
  request.removeAllListeners('readable');
  request.on('data', () => undefined).resume();
}
