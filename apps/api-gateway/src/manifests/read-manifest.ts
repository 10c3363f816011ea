import type { IncomingMessage } from 'node:http';
import { OciError } from '@longshore/oci';

/**
 * The whole body of a manifest push, the only body that is ever held. Reading stops at the first byte beyond the limit, whatever
 * length was announced (CVE-2017-11468).
 * @param limit bytes
 * @throws OciError SIZE_INVALID (413) beyond the limit; the stream's own error when the client goes away
 */
export async function readManifest(body: IncomingMessage, limit: number): Promise<Uint8Array> {
  const announced = Number(body.headers['content-length'] ?? 0);
  if (announced > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Not `for await`: leaving its loop would destroy the socket, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    const settle = (finish: () => void): void => {
      body.off('data', take).off('end', end).off('error', fail).off('close', gone);
      finish();
    };
    const take = (chunk: Uint8Array): void => {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size > limit) {
        body.pause();
        settle(() => reject(tooLarge(limit)));
      }
    };
    const end = (): void => settle(resolve);
    const fail = (error: Error): void => settle(() => reject(error));
    const gone = (): void => settle(() => reject(new Error('the client went away while it sent a manifest')));
    body.on('data', take).once('end', end).once('error', fail).once('close', gone);
  });
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

function tooLarge(limit: number): OciError {
  return new OciError(
    'SIZE_INVALID',
    { reason: `a manifest may have at most ${limit} bytes` },
    { status: 413 },
  );
}
