import type { ByteRange } from '../../for-drivers/byte-range.ts';

/** The bytes of an object, in the chunks in which they arrived. Immutable: an object is only ever replaced. */
export class StoredBytes {
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
  readonly modifiedAt = new Date();

  constructor(chunks: readonly Uint8Array[]) {
    this.chunks = chunks;
    this.size = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}

/** Yields the bytes of a range without copying them. */
export function* chunksBetween(
  chunks: readonly Uint8Array[],
  { start, behind }: ByteRange,
): Generator<Uint8Array> {
  let position = 0;
  for (const chunk of chunks) {
    const from = Math.max(start - position, 0);
    const to = Math.min(behind - position, chunk.byteLength);
    if (from < to) yield chunk.subarray(from, to);
    position += chunk.byteLength;
    if (position >= behind) return;
  }
}
