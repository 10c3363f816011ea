import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { watchDelivery } from './delivery-deadline.ts';
import { linger, readToNowhere } from './hop-by-hop.ts';
import type { Reply } from './reply.ts';
import { otherLength, promisedBytes, writeStreamed } from './write-streamed.ts';

/** Most bytes of a refused body that are read to keep the connection. A larger body costs the connection. */
const drainableBytes = 1024 * 1024;
/** Milliseconds that a refused client may take for such a body. */
const drainMilliseconds = 10_000;

/**
 * Writes a reply. Rejects if the body cannot be delivered completely. Then the socket is already destroyed, so that the client sees a cut answer
 * (Content-Length is set) and never an error document behind half a blob.
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

/** A stream that lends memory which it uses again: a chunk is valid until the promise of its use resolves (libs/storage, LendingReadable). */
interface LendingBody extends Readable {
  lend(use: (chunk: Uint8Array) => Promise<void>): Promise<void>;
}

function isLending(body: Readable): body is LendingBody {
  return 'lend' in body && typeof body.lend === 'function';
}

/**
 * Gives each chunk back when the socket has taken it. Sends the last one with `end`: a client that hangs up right after its last byte has had its
 * complete answer.
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

/** Reads the rest of a body, so that the connection can be used again. A body that trickles costs the connection. */
function drain(request: IncomingMessage): void {
  readToNowhere(request);
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), drainMilliseconds);
  request.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
}

/** Destroys a stream that nobody will read. Ignores errors, since some streams report their own destruction as one. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}
