import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type DirectReader, readDirectly } from './read-memory.ts';
import type { Loan } from '@longshore/storage';

/** Bytes of one read of a connection. benchmarks/README.md compares other sizes. */
const readBytes = 2 * 1024 * 1024;
/** Bytes lent or waiting to be lent at which a connection is read no further. */
const mostOut = readBytes;
/** Bytes of room below which a read is not worth it: one TLS record. */
const leastRoom = 16 * 1024;
/** Bytes left of a body below which it is not read directly: keeping the connection for other requests is worth more. */
const worthIt = 4 * 1024 * 1024;
/** Idle buffers that are kept for reuse: 16 MiB, two for each of four pulls. New memory is expensive at its first touch. */
const mostKept = 8;

interface Memory {
  readonly buffer: Buffer;
  /** Number of loans from the buffer, plus its reader. */
  users: number;
}

/**
 * Most buffers of direct reads in use: 64 MiB. A stalled reader keeps its buffers. Connections beyond the limit are read through Node, which holds
 * less.
 */
const mostMemories = 32;

const kept: Buffer[] = [];
let memories = 0;

/**
 * Reads the rest of a body directly from the kernel, past Node's HTTP parser, which would copy it into new memory. The bytes are lent; a buffer is
 * reused when all loans of it are back.
 */
export class DirectBody implements DirectReader {
  readonly #connection: Socket;
  readonly #lend: (loan: Loan) => void;
  #left: number;
  /** The buffer of the next read, as long as the connection is open. */
  #memory = takeMemory();
  #filled = 0;
  #lentUpTo = 0;
  #out = 0;
  #flush: NodeJS.Immediate | undefined;

  private constructor(connection: Socket, left: number, lend: (loan: Loan) => void) {
    this.#connection = connection;
    this.#left = left;
    this.#lend = lend;
    connection.once('close', () => this.#letGo());
  }

  /**
   * @param left the bytes of the body that it has not yielded yet
   * @returns whether these bytes go to `lend` from now on. The body still emits failures of its connection, but never `end`: destroy it.
   */
  static take(body: unknown, left: number, lend: (loan: Loan) => void): boolean {
    if (!(body instanceof IncomingMessage) || left < worthIt || memories >= mostMemories) return false;
    const { readableLength, destroyed, complete, headers, socket } = body;
    if (readableLength > 0 || destroyed || complete || headers['transfer-encoding'] !== undefined)
      return false;
    const isTaken = readDirectly(socket, new DirectBody(socket, left, lend));
    if (isTaken) body.pause();
    return isTaken;
  }

  get room(): Uint8Array {
    return this.#memory.buffer.subarray(this.#filled);
  }

  arrived(bytes: Uint8Array): boolean {
    const { buffer } = this.#memory;
    // The first read had already begun with the shared memory.
    if (bytes.buffer !== buffer.buffer) buffer.set(bytes, this.#filled);
    const size = Math.min(bytes.byteLength, this.#left);
    this.#filled += size;
    this.#left -= size;
    this.#out += size;
    if (this.#left === 0) this.#lendFilled();
    else if (this.#filled + leastRoom > readBytes) this.#moveOn();
    else this.#flush ??= setImmediate(() => this.#lendFilled());
    return this.#left > 0 && this.#out < mostOut;
  }

  /** Releases the buffer. Bytes that arrived but were not lent are read again: the body is reopened after the last lent byte. */
  #letGo(): void {
    clearImmediate(this.#flush);
    giveUse(this.#memory);
  }

  /** Switches to a new buffer. Call it only when the connection is about to ask for room; before that it reads into the current buffer. */
  #moveOn(): void {
    const full = this.#memory;
    this.#lendFilled();
    this.#memory = takeMemory();
    this.#filled = 0;
    this.#lentUpTo = 0;
    giveUse(full);
  }

  /** Lends the bytes that arrived in one turn of the event loop as one loan: TLS gives records of 16 KiB each. */
  #lendFilled(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const memory = this.#memory;
    const bytes = memory.buffer.subarray(this.#lentUpTo, this.#filled);
    this.#lentUpTo = this.#filled;
    memory.users++;
    const back = (): void => {
      giveUse(memory);
      this.#out -= bytes.byteLength;
      if (this.#left > 0 && this.#out < mostOut) this.#connection.resume();
    };
    this.#lend({ bytes, back });
  }
}

function takeMemory(): Memory {
  memories++;
  return { buffer: kept.pop() ?? Buffer.allocUnsafeSlow(readBytes), users: 1 };
}

function giveUse(memory: Memory): void {
  memory.users--;
  if (memory.users > 0) return;
  memories--;
  if (kept.length < mostKept) kept.push(memory.buffer);
}
