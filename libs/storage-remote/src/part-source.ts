import { countedBytes, givePartMemory, takePartMemory } from './part-memory.ts';
import { ChunkReader, takesBack } from '@longshore/storage';

export interface Part {
  /** The only bytes in their memory. */
  readonly bytes: Buffer;
  /** Whether the source has ended. Only the last part may be shorter than the others, or empty. */
  readonly isLast: boolean;
  /** The failure of the source; undefined if it ended normally. */
  readonly interrupted?: unknown;
}

/**
 * Cuts a source into parts of the requested sizes. The first part begins with the bytes from before. The memory of a part belongs to its consumer,
 * which may pass it on (`sendPart`); chunks go back to their source. The source is not read ahead of the requested part.
 */
export class PartSource implements Disposable {
  readonly #chunks: ChunkReader;
  readonly #takeBack: (chunk: Uint8Array) => void;
  readonly #signal: AbortSignal | undefined;
  /** The last chunk, and its remaining bytes. */
  #chunk: Uint8Array | undefined;
  #rest: Uint8Array;
  #hasFilled = false;

  constructor(
    source: AsyncIterable<Uint8Array>,
    { before, signal }: { before: Uint8Array; signal: AbortSignal | undefined },
  ) {
    this.#chunks = new ChunkReader(source, signal);
    this.#signal = signal;
    this.#takeBack = takesBack(source) ? (chunk) => source.takeBack(chunk) : () => undefined;
    this.#rest = before;
  }

  /** @throws the signal's reason */
  async next(partSize: number): Promise<Part> {
    const taken = new Gathered(partSize, this.#signal);
    try {
      // A full part is usually followed by another one.
      if (this.#hasFilled) await taken.makeRoom(partSize);
      return await this.#gather(taken);
    } catch (error) {
      taken.drop();
      throw error;
    }
  }

  async #gather(taken: Gathered): Promise<Part> {
    for (;;) {
      if (!taken.hasRoom(this.#rest.byteLength)) await taken.makeRoom(this.#rest.byteLength);
      this.#moveRest(taken);
      if (taken.isFull) break;
      const chunk = await this.#chunks.next();
      if ('interrupted' in chunk)
        return { bytes: taken.bytes(), isLast: true, interrupted: chunk.interrupted };
      if (chunk.done === true) return { bytes: taken.bytes(), isLast: true };
      this.#chunk = chunk.value;
      this.#rest = chunk.value;
    }
    this.#hasFilled = true;
    return { bytes: taken.bytes(), isLast: false };
  }

  /** Tells the source to stop. */
  stop(): void {
    this.#chunks.stop();
  }

  [Symbol.dispose](): void {
    this.#chunks[Symbol.dispose]();
  }

  #moveRest(taken: Gathered): void {
    this.#rest = taken.add(this.#rest);
    if (this.#rest.byteLength > 0 || this.#chunk === undefined) return;
    this.#takeBack(this.#chunk);
    this.#chunk = undefined;
    // The chunk was given back, so not even its length may be read.
    this.#rest = none;
  }
}

/** Gathers the bytes of one part. The memory grows with the bytes that arrive, so a blob of a few bytes does not cost a whole part. */
class Gathered {
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  #buffer: Buffer = none;
  #size = 0;

  constructor(limit: number, signal: AbortSignal | undefined) {
    this.#limit = limit;
    this.#signal = signal;
  }

  get isFull(): boolean {
    return this.#size === this.#limit;
  }

  /** Whether this many bytes, or as many of them as belong to the part, can be added. */
  hasRoom(bytes: number): boolean {
    return Math.min(this.#size + bytes, this.#limit) <= this.#buffer.byteLength;
  }

  /**
   * Makes room for more bytes. Once the memory is large enough to be counted, it takes the whole part's: a part that holds some memory and waits for
   * more could block all others.
   * @throws the signal's reason
   */
  async makeRoom(bytes: number): Promise<void> {
    const size = Math.min(this.#size + bytes, this.#limit);
    const room = Math.max(size, this.#buffer.byteLength * 4, 64 * 1024);
    const larger = await takePartMemory(room < countedBytes ? room : this.#limit, this.#signal);
    larger.set(this.#buffer.subarray(0, this.#size));
    this.drop();
    this.#buffer = larger;
  }

  /** @returns the bytes that did not fit */
  add(chunk: Uint8Array): Uint8Array {
    const fitting = Math.min(chunk.byteLength, this.#limit - this.#size);
    this.#buffer.set(chunk.subarray(0, fitting), this.#size);
    this.#size += fitting;
    return chunk.subarray(fitting);
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  drop(): void {
    givePartMemory(this.#buffer);
  }
}

const none = Buffer.alloc(0);
