/**
 * A source that can reuse the memory of its chunks. Leaving the memory to the garbage collector is expensive: each socket read allocates 64 KiB, and
 * V8 marks the whole heap for every few dozen MB of them. A driver may ignore this interface, and a wrapper may drop it.
 */
export interface LendingSource extends AsyncIterable<Uint8Array> {
  /**
   * Takes back a chunk. Called at most once for each chunk, when nobody, including the kernel, will read its bytes again. The chunk may be empty
   * afterwards.
   */
  takeBack(chunk: Uint8Array): void;
}

export function takesBack(source: AsyncIterable<Uint8Array>): source is LendingSource {
  return 'takeBack' in source && typeof source.takeBack === 'function';
}

/**
 * Frees a chunk's memory now instead of leaving it to the collector. A chunk that is a part of a larger buffer is left alone: the rest may be in use.
 */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
