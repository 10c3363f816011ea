import { countedBytes, givePartMemory, takePartMemory } from './part-memory.ts';
import { ChunkReader, takesBack } from '@longshore/storage';

export interface Part {
  /** Alone in their memory. */
  readonly bytes: Buffer;
  /** Whether there is nothing behind it. Only the last part may be shorter than the others, or empty. */
  readonly isLast: boolean;
  /** What ended the source before its time; undefined when it ended as it should. */
  readonly interrupted?: unknown;
}

/**
 * Cuts a source into parts of the sizes that are asked for, the first one beginning with bytes that were there before. A part's memory is its reader's, who
 * may hand it on (`sendPart`); chunks go back to their source. Nothing is read ahead of the part that is asked for.
 */
export class PartSource implements Disposable {
  readonly #chunks: ChunkReader;
  readonly #takeBack: (chunk: Uint8Array) => void;
  readonly #signal: AbortSignal | undefined;
  /** The last chunk, and what is left of it. */
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
      // Behind a part that was full there mostly comes another one.
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

  /** Tells the source that no more is wanted. */
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
    // What is left of it may not even be asked for its length.
    this.#rest = none;
  }
}

/** Grows with what comes: a blob of a few bytes does not cost a part's memory. */
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

  /** Whether so many bytes, or those of them that belong to the part, can be added. */
  hasRoom(bytes: number): boolean {
    return Math.min(this.#size + bytes, this.#limit) <= this.#buffer.byteLength;
  }

  /**
   * A part's whole memory as soon as it is counted: who held some of that and waited for more could keep all others waiting.
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

  /** @returns what did not fit */
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
