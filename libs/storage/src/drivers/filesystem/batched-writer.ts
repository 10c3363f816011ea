import type { FileHandle } from 'node:fs/promises';

/** One vectored write takes at most this many bytes (but for a single larger chunk) and chunks. */
const batchBytes = 1024 * 1024;
const batchChunks = 1024;

/**
 * Writes chunks to a file, many with one system call, one batch while the next one gathers. It holds two batches at most when `flush` is
 * awaited as told.
 */
export class BatchedWriter {
  readonly #handle: FileHandle;
  readonly #written: (chunk: Uint8Array) => void;
  #position: number;
  #gathered: Uint8Array[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #flushing: Promise<void> = Promise.resolve();

  /** @param written is told of each chunk whose bytes the kernel has; of none of a batch that failed */
  constructor(handle: FileHandle, position: number, written: (chunk: Uint8Array) => void = () => undefined) {
    this.#handle = handle;
    this.#position = position;
    this.#written = written;
  }

  /** Takes a chunk. @returns whether `flush` must be awaited before the next one */
  add(chunk: Uint8Array): boolean {
    if (chunk.byteLength > 0) {
      this.#gathered.push(chunk);
      this.#bytes += chunk.byteLength;
    }
    return this.#bytes >= batchBytes || this.#gathered.length >= batchChunks;
  }

  /** Resolves when the batch before this one is written, and may be called before it has. @throws the error of that write */
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
    // Its failure is met by the next flush or by `finish`, not by the process.
    this.#writing.catch(() => undefined);
  }

  /** Writes what is left. @returns where the file ends now */
  async finish(): Promise<number> {
    await this.flush();
    await this.#writing;
    return this.#position;
  }

  /** Resolves when no write is under way any more, however it ended. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#flushing]);
    await Promise.allSettled([this.#writing]);
  }

  /** A vectored write may be short, as when the disk fills up; what is left is written again, and says why. */
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
