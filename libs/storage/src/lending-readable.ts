import type { Readable } from 'node:stream';

/**
 * A stream that can lend its chunks instead of giving them away. A reader may keep the chunks it gets, so each needs its own memory; collecting that
 * memory is half the cost of serving a file. Lent memory comes back and is reused.
 */
export interface LendingReadable extends Readable {
  /**
   * Passes each chunk to `use`, one after the other, instead of reading the stream. The chunk belongs to `use` until its promise resolves; then the
   * memory is overwritten. `use` must therefore resolve only when nobody reads the chunk any more, as a socket's write calls back when the kernel has
   * the bytes. Resolves when all bytes are used and the stream is closed. Rejects with the error of `use` or of the stream, and at once when the
   * stream is destroyed. The memory lent at that moment is never reused, because `use` may still read it.
   */
  lend(use: (chunk: Uint8Array) => Promise<void>): Promise<void>;
}

export function isLending(stream: Readable): stream is LendingReadable {
  return 'lend' in stream && typeof stream.lend === 'function';
}
