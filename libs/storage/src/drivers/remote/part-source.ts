import { takesBack } from '../../lending-source.ts';
import { ChunkReader } from '../chunk-reader.ts';
import { givePartMemory, takePartMemory } from './part-memory.ts';

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
  /** The last chunk, and what is left of it. */
  #chunk: Uint8Array | undefined;
  #rest: Uint8Array;
  #hasFilled = false;

  constructor(
    source: AsyncIterable<Uint8Array>,
    { before, signal }: { before: Uint8Array; signal: AbortSignal | undefined },
  ) {
    this.#chunks = new ChunkReader(source, signal);
    this.#takeBack = takesBack(source) ? (chunk) => source.takeBack(chunk) : () => undefined;
    this.#rest = before;
  }

  /** @throws the signal's reason */
  async next(partSize: number): Promise<Part> {
    // Behind a part that was full there mostly comes another one.
    const taken = new Gathered(partSize, this.#hasFilled ? partSize : 0);
    this.#moveRest(taken);
    while (!taken.isFull) {
      // oxlint-disable-next-line no-await-in-loop -- a stream
      const chunk = await this.#chunks.next();
      if ('interrupted' in chunk)
        return { bytes: taken.bytes(), isLast: true, interrupted: chunk.interrupted };
      if (chunk.done === true) return { bytes: taken.bytes(), isLast: true };
      this.#chunk = chunk.value;
      this.#rest = chunk.value;
      this.#moveRest(taken);
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
  #buffer: Buffer;
  #size = 0;

  constructor(limit: number, room: number) {
    this.#limit = limit;
    this.#buffer = room === 0 ? none : takePartMemory(room);
  }

  get isFull(): boolean {
    return this.#size === this.#limit;
  }

  /** @returns what did not fit */
  add(chunk: Uint8Array): Uint8Array {
    const fitting = Math.min(chunk.byteLength, this.#limit - this.#size);
    this.#makeRoom(this.#size + fitting);
    this.#buffer.set(chunk.subarray(0, fitting), this.#size);
    this.#size += fitting;
    return chunk.subarray(fitting);
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  #makeRoom(size: number): void {
    if (size <= this.#buffer.byteLength) return;
    const room = Math.max(size, this.#buffer.byteLength * 4, 64 * 1024);
    // Both are held while the one is copied: the last step starts from a quarter, not from nearly all of it.
    const larger = takePartMemory(room * 2 > this.#limit ? this.#limit : room);
    larger.set(this.#buffer.subarray(0, this.#size));
    givePartMemory(this.#buffer);
    this.#buffer = larger;
  }
}

const none = Buffer.alloc(0);
