import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Crc64 } from './crc64.ts';

interface Piece {
  readonly path: string;
  readonly size: number;
}

export interface Received {
  readonly bytes: StoredBytes;
  /** Upper-case hexadecimal, as OSS writes it. */
  readonly md5: string;
  readonly crc64: bigint;
}

const readSize = 256 * 1024;

/**
 * Bytes in one or more temporary files. An object completed from parts consists of the files of its parts, so nothing is copied. The files are
 * removed when the bytes are dropped and the last reader is done.
 */
export class StoredBytes {
  readonly size: number;
  readonly #pieces: readonly Piece[];
  #readers = 0;
  #dropped = false;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
    this.size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  }

  /** Combines the files into one. The arguments must not be used afterwards. */
  static joined(all: readonly StoredBytes[]): StoredBytes {
    return new StoredBytes(all.flatMap((bytes) => bytes.#pieces));
  }

  /** Reads from `start` (inclusive) to `end` (exclusive). */
  read(start = 0, end = this.size): Readable {
    this.#readers++;
    const stream = Readable.from(this.#chunks(start, end), { objectMode: false, highWaterMark: readSize });
    stream.once('close', () => {
      this.#readers--;
      void this.#removeUnused();
    });
    return stream;
  }

  /** Makes hard links, so a copy needs no space and outlives the original. */
  async copy(directory: string): Promise<StoredBytes> {
    const pieces = await Promise.all(
      this.#pieces.map(async ({ path, size }) => {
        const copied = join(directory, randomUUID());
        await link(path, copied);
        return { path: copied, size };
      }),
    );
    return new StoredBytes(pieces);
  }

  async drop(): Promise<void> {
    this.#dropped = true;
    await this.#removeUnused();
  }

  async #removeUnused(): Promise<void> {
    if (!this.#dropped || this.#readers > 0) return;
    await Promise.all(this.#pieces.map(({ path }) => rm(path, { force: true })));
  }

  async *#chunks(start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { path, size } of this.#pieces) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, size);
      // `end` of a file stream is the last byte, inclusive.
      if (from < to) yield* createReadStream(path, { start: from, end: to - 1, highWaterMark: readSize });
      offset += size;
    }
  }
}

/** Writes a body to a new file, in constant memory. Leaves no file if the body breaks off. */
export async function receive(body: Readable, directory: string): Promise<Received> {
  const path = join(directory, randomUUID());
  const md5 = createHash('md5');
  const crc = new Crc64();
  let size = 0;
  const measure = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      md5.update(chunk);
      crc.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  try {
    await pipeline(body, measure, createWriteStream(path));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  const bytes = new StoredBytes([{ path, size }]);
  return { bytes, md5: md5.digest('hex').toUpperCase(), crc64: crc.digest() };
}
