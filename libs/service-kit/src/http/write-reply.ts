import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { watchDelivery } from './delivery-deadline.ts';
import { linger, readToNowhere } from './hop.ts';
import type { Reply } from './reply.ts';
import { otherLength, promisedBytes, writeStreamed } from './write-streamed.ts';

/** A refused body up to this size is read to its end, which keeps the connection; a larger one costs the connection. */
const drainableBytes = 1024 * 1024;
/** How long a refused client may take for such a body. */
const drainMilliseconds = 10_000;

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

/** Frees a stream that nobody will read. Some streams tell of their own destruction as an error, which nobody must hear. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}
