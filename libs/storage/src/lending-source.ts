/**
 * A source that wants the memory of its chunks back. Memory that is left to the collector is dear: each read of a socket gets 64 KiB of its own,
 * and for every few dozen MB of those V8 marks the whole heap. A driver may ignore this, and whoever wraps a source may drop it.
 */
export interface LendingSource extends AsyncIterable<Uint8Array> {
  /** Called at most once for each chunk, when nobody, the kernel included, will look at its bytes again. The chunk may be empty from then on. */
  takeBack(chunk: Uint8Array): void;
}

export function takesBack(source: AsyncIterable<Uint8Array>): source is LendingSource {
  return 'takeBack' in source && typeof source.takeBack === 'function';
}

/** Frees a chunk's memory now, in place of leaving it to the collector. Part of a larger piece of memory is left alone: others may look at the rest of it. */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
