import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { watchDelivery } from './delivery-deadline.ts';
import type { Reply } from './reply.ts';
import { otherLength, promisedBytes, writeStreamed } from './write-streamed.ts';

/** A refused body up to this size is read to its end, which keeps the connection; a larger one costs the connection. */
const drainableBytes = 1024 * 1024;
/** How long a refused client may take for such a body. */
const drainMilliseconds = 10_000;
/** How long a refused client may still send before its socket is closed, so that it can read the answer first. */
const lingerMilliseconds = 2000;

/**
 * Writes a reply. Rejects when the body cannot be delivered whole: then the socket is already destroyed, so that the client
 * sees a cut answer (Content-Length is set) and never an error document behind half a blob.
 */
export async function writeReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
): Promise<void> {
  const { body } = reply;
  if (!request.complete && hasBody(request)) {
    if (isDrainable(request)) response.once('finish', () => drain(request));
    else {
      response.setHeader('connection', 'close');
      linger(request);
    }
  }
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  if (body === undefined) {
    response.end();
    return;
  }
  if (request.method === 'HEAD') {
    if (body instanceof Readable) discard(body);
    response.end();
    return;
  }
  if (body instanceof Readable) {
    const endWatch = watchDelivery(response);
    try {
      await (isLending(body) ? writeLent(body, response) : writeStreamed(body, response));
    } finally {
      endWatch();
    }
    return;
  }
  response.end(body);
}

/** A stream that hands out memory which it uses again: a chunk is good until the promise of its use resolves (libs/storage, LendingReadable). */
interface LendingBody extends Readable {
  lend(use: (chunk: Uint8Array) => Promise<void>): Promise<void>;
}

function isLending(body: Readable): body is LendingBody {
  return 'lend' in body && typeof body.lend === 'function';
}

/**
 * Each chunk goes back when the socket has taken it. The last one leaves with `end`: a client that hangs up right behind its last byte has
 * had its answer whole.
 */
async function writeLent(body: LendingBody, response: ServerResponse): Promise<void> {
  const promised = promisedBytes(response);
  let sent = 0;
  const gone = (): void => {
    if (!response.writableFinished) body.destroy();
  };
  response.once('close', gone);
  try {
    await body.lend(
      (chunk) =>
        new Promise((resolve, reject) => {
          sent += chunk.byteLength;
          if (sent > promised) throw otherLength(sent, promised);
          const done = (error?: Error | null): void => (error ? reject(error) : resolve());
          if (sent === promised) response.end(chunk, done);
          else response.write(chunk, done);
        }),
    );
    if (sent < promised) throw otherLength(sent, promised);
    if (!response.writableEnded) response.end();
  } finally {
    response.off('close', gone);
  }
}

function hasBody(request: IncomingMessage): boolean {
  return (
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  );
}

function isDrainable(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return length !== undefined && Number(length) <= drainableBytes;
}

/** Reads the rest of a body, so that the connection can be used again; a body that trickles costs the connection. */
function drain(request: IncomingMessage): void {
  readToNowhere(request);
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), drainMilliseconds);
  request.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
}

/**
 * Node destroys the socket right behind its last answer. With bytes of the client still on their way that resets the connection, and a
 * client that is still writing never reads the answer: only our half is closed, and theirs is read to nowhere for a while (RFC 9112 §9.6).
 */
function linger(request: IncomingMessage): void {
  const { socket } = request;
  socket.destroySoon = () => {
    socket.end();
    readToNowhere(request);
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds);
    socket.once('close', () => clearTimeout(timer));
  };
}

/**
 * Node does this only for a body that nobody has touched. One that was read in part would stay in front of the connection's next request,
 * and a reader that has given up but still waits for `readable` would hold it there.
 */
function readToNowhere(request: IncomingMessage): void {
  request.removeAllListeners('readable');
  request.on('data', () => undefined).resume();
}

/** Frees a stream that nobody will read. Some streams tell of their own destruction as an error, which nobody must hear. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}
