import type { Readable } from 'node:stream';

/**
 * A stream that can lend its chunks instead of giving them away. Whoever reads a stream may keep what it got, so each chunk needs memory of
 * its own, and collecting that is half of what serving a file costs. Lent memory comes back and is filled again.
 */
export interface LendingReadable extends Readable {
  /**
   * Hands each chunk to `use`, one after the other, in place of reading the stream. A chunk is `use`'s until its promise resolves, and has other
   * bytes in it after that: it must resolve only when nobody looks at them any more, as a socket's write calls back when the kernel has them.
   * Resolves when all bytes are used and the stream is closed. Rejects with the error of `use` or of the stream, and at once when the stream is
   * destroyed; what was lent then is not filled again, for `use` may still look at it.
   */
  lend(use: (chunk: Uint8Array) => Promise<void>): Promise<void>;
}

export function isLending(stream: Readable): stream is LendingReadable {
  return 'lend' in stream && typeof stream.lend === 'function';
}
