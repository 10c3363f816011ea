import type { IncomingMessage } from 'node:http';
import { OciError } from '@longshore/oci';

export interface BodyOptions {
  /** Bytes. */
  readonly limit: number;
  /** Milliseconds for the whole body. Without it only the connection's idle limit applies. */
  readonly within?: number;
  /** Name of the body in error messages. */
  readonly what: string;
}

/**
 * Reads a whole body into memory. Stops reading at the first byte beyond the limit, whatever length was announced (CVE-2017-11468).
 * @throws OciError SIZE_INVALID (413) beyond the limit, UNSUPPORTED (408) after the time; the stream's own error if the client goes away
 */
export async function readBody(
  body: IncomingMessage,
  { limit, within, what }: BodyOptions,
): Promise<Uint8Array> {
  const announced = Number(body.headers['content-length'] ?? 0);
  if (announced > limit) throw tooLarge(what, limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Without `for await`: leaving its loop would destroy the socket, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    const late =
      within === undefined ? undefined : setTimeout(() => settle(() => reject(tooLate(what))), within);
    const settle = (finish: () => void): void => {
      clearTimeout(late);
      body.pause();
      body.off('data', take).off('end', end).off('error', fail).off('close', gone);
      finish();
    };
    const take = (chunk: Uint8Array): void => {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size > limit) settle(() => reject(tooLarge(what, limit)));
    };
    const end = (): void => settle(resolve);
    const fail = (error: Error): void => settle(() => reject(error));
    const gone = (): void => settle(() => reject(new Error(`the client went away while it sent ${what}`)));
    body.on('data', take).once('end', end).once('error', fail).once('close', gone);
  });
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

function tooLarge(what: string, limit: number): OciError {
  return new OciError('SIZE_INVALID', { reason: `${what} may have at most ${limit} bytes` }, { status: 413 });
}

function tooLate(what: string): OciError {
  return new OciError(
    'UNSUPPORTED',
    { reason: `${what} did not arrive in time` },
    { status: 408, headers: { connection: 'close' } },
  );
}
