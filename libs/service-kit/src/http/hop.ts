import type { IncomingMessage } from 'node:http';

/** Headers of one connection only, beside those that `Connection` names (RFC 9110 §7.6.1): passed on they would speak for the wrong one. */
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

/** How long a refused client may still send before its socket is closed, so that it can read the answer first. */
export const lingerMilliseconds = 2000;

/**
 * Keeps the connection for a while behind its last answer. Node destroys the socket at once. With bytes of the client still on their way that
 * resets the connection, and a client that is still writing never reads the answer: only our half is closed, and theirs is read to nowhere
 * (RFC 9112 §9.6).
 * @param release takes the body from its reader, when the answer is out
 */
export function linger(request: IncomingMessage, release?: () => void): void {
  const { socket } = request;
  socket.destroySoon = () => {
    socket.end();
    release?.();
    readToNowhere(request);
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds);
    socket.once('close', () => clearTimeout(timer));
  };
}

/**
 * Node does this only for a body that nobody has touched. One that was read in part would stay in front of the connection's next request,
 * and a reader that has given up but still waits for `readable` would hold it there.
 */
export function readToNowhere(request: IncomingMessage): void {
  request.removeAllListeners('readable');
  request.on('data', () => undefined).resume();
}
