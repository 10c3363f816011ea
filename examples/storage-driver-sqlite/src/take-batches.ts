import { ChunkReader } from '@longshore/storage';

/**
 * Gathers a source's chunks into batches, so that a source of single bytes does not cost a transaction for each.
 * @returns the failure of the source, in an object to be spread; the bytes before it have been taken
 * @throws the signal's reason, or the error of `take`; the source is told to stop
 */
export async function takeBatches(
  source: AsyncIterable<Uint8Array>,
  { atLeast, signal }: { readonly atLeast: number; readonly signal: AbortSignal | undefined },
  take: (bytes: Uint8Array) => void,
): Promise<{ readonly interrupted?: unknown }> {
  using reader = new ChunkReader(source, signal);
  const batch = new Batch(take);
  try {
    for (;;) {
      const next = await reader.next();
      if ('interrupted' in next) {
        batch.flush();
        return next;
      }
      if (next.done === true) {
        batch.flush();
        return {};
      }
      batch.add(next.value);
      if (batch.size >= atLeast) batch.flush();
    }
  } catch (error) {
    reader.stop();
    throw error;
  }
}

class Batch {
  size = 0;
  readonly #take: (bytes: Uint8Array) => void;
  #chunks: Uint8Array[] = [];

  constructor(take: (bytes: Uint8Array) => void) {
    this.#take = take;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.size += chunk.byteLength;
  }

  flush(): void {
    if (this.size > 0) this.#take(Buffer.concat(this.#chunks, this.size));
    this.#chunks = [];
    this.size = 0;
  }
}
