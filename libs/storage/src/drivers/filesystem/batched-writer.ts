import type { FileHandle } from 'node:fs/promises';

/** Limits of one vectored write, in bytes and in chunks. A single larger chunk is written whole. */
const batchBytes = 1024 * 1024;
const batchChunks = 1024;

/**
 * Writes chunks to a file, many with one system call. One batch is written while the next one gathers. It holds at most two batches if `flush` is
 * awaited whenever `add` says so.
 */
export class BatchedWriter {
  readonly #handle: FileHandle;
  readonly #written: (chunk: Uint8Array) => void;
  #position: number;
  #gathered: Uint8Array[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #flushing: Promise<void> = Promise.resolve();

  /** @param written is called for each chunk that the kernel accepted, and for no chunk of a failed batch */
  constructor(handle: FileHandle, position: number, written: (chunk: Uint8Array) => void = () => undefined) {
    this.#handle = handle;
    this.#position = position;
    this.#written = written;
  }

  /** Adds a chunk to the batch. @returns whether `flush` must be awaited before the next chunk */
  add(chunk: Uint8Array): boolean {
    if (chunk.byteLength > 0) {
      this.#gathered.push(chunk);
      this.#bytes += chunk.byteLength;
    }
    return this.#bytes >= batchBytes || this.#gathered.length >= batchChunks;
  }

  /**
   * Starts writing the batch. Resolves when the batch before it is written. May be called again before it resolves. @throws the error of the write
   * before
   */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#begin());
    return this.#flushing;
  }

  async #begin(): Promise<void> {
    await this.#writing;
    const batch = this.#gathered;
    this.#gathered = [];
    this.#bytes = 0;
    this.#writing = this.#write(batch);
    // The next flush or `finish` reports the failure; without this handler it would be an unhandled rejection.
    this.#writing.catch(() => undefined);
  }

  /** Writes the rest. @returns the position at which the file ends */
  async finish(): Promise<number> {
    await this.flush();
    await this.#writing;
    return this.#position;
  }

  /** Resolves when no write is under way, whether it succeeded or failed. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#flushing]);
    await Promise.allSettled([this.#writing]);
  }

  /** Writes a batch completely. A vectored write may be short, for example on a full disk; writing the rest then returns the error. */
  async #write(batch: Uint8Array[]): Promise<void> {
    let rest = batch;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest, this.#position);
      this.#position += bytesWritten;
      rest = without(rest, bytesWritten);
    }
    for (const chunk of batch) this.#written(chunk);
  }
}

function without(chunks: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  return chunks.flatMap((chunk) => {
    const skipped = Math.min(skip, chunk.byteLength);
    skip -= skipped;
    return skipped === chunk.byteLength ? [] : [chunk.subarray(skipped)];
  });
}
