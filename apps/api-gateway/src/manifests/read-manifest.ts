import type { IncomingMessage } from 'node:http';
import { readBody } from '../read-body.ts';

/**
 * Reads the whole body of a manifest push. It is the largest body that is ever held.
 * @param limit bytes
 * @throws OciError SIZE_INVALID (413) beyond the limit; the stream's own error if the client goes away
 */
export function readManifest(body: IncomingMessage, limit: number): Promise<Uint8Array> {
  return readBody(body, { limit, what: 'a manifest' });
}
