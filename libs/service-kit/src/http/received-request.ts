import { IncomingMessage } from 'node:http';

/** A request that counts the bytes of its body as they arrive, for any reader: a chunked body announces no length. */
export class ReceivedRequest extends IncomingMessage {
  received = 0;

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk instanceof Uint8Array) this.received += chunk.byteLength;
    return super.push(chunk, encoding);
  }
}
