import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Returns NaN without a Content-Length, so comparisons with it are false. */
export function promisedBytes(response: ServerResponse): number {
  return Number(response.getHeader('content-length'));
}

/** The error of a body whose length differs from its Content-Length: a short one hangs the client, a long one is read as the next response. */
export function otherLength(sent: number, promised: number): Error {
  return new Error(
    `${promised} bytes were promised, and the body has ${sent}${sent > promised ? ' or more' : ''}`,
  );
}

/**
 * Sends a body as it arrives, and buffers at most the response's high-water mark. `pipeline` with a counting stream in between would buffer twice as
 * much for each slow client. Rejects, with both streams destroyed, if the body fails or if its length differs from the promised one.
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
