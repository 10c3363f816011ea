import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** NaN, than which nothing is more or less, where no length was promised. */
export function promisedBytes(response: ServerResponse): number {
  return Number(response.getHeader('content-length'));
}

/** A client would wait for what is missing, and take what is too much for the next answer. */
export function otherLength(sent: number, promised: number): Error {
  return new Error(
    `${promised} bytes were promised, and the body has ${sent}${sent > promised ? ' or more' : ''}`,
  );
}

/**
 * Sends a body as it comes and holds no more of it than the response's own mark; `pipeline` with a counting stream between would hold twice as
 * much for each client that reads slowly. Rejects, with both streams destroyed, when the body fails or has another length than was promised.
 */
export async function writeStreamed(body: Readable, response: ServerResponse): Promise<void> {
  const promised = promisedBytes(response);
  let sent = 0;
  const fail = (error: Error): void => {
    body.destroy(error);
    response.destroy(error);
  };
  body.on('data', (chunk: Uint8Array) => {
    sent += chunk.byteLength;
    if (sent > promised) fail(otherLength(sent, promised));
    else if (!response.write(chunk)) body.pause();
  });
  response.on('drain', () => body.resume());
  body.once('end', () => {
    if (sent < promised) fail(otherLength(sent, promised));
    else response.end();
  });
  body.once('error', (error) => response.destroy(error));
  try {
    await finished(response);
  } catch (error) {
    body.destroy();
    throw body.errored ?? error;
  }
}
