import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type DirectReader, readDirectly } from './read-memory.ts';
import type { Loan } from '@longshore/storage';

/** Bytes that one read of a connection asks for. What others cost: benchmarks/README.md. */
const readBytes = 2 * 1024 * 1024;
/** A connection is read no further while so much of what it gave is waiting for its user, or with him. Bytes. */
const mostOut = readBytes;
/** Less than a record of TLS is not worth a read of its own. Bytes. */
const leastRoom = 16 * 1024;
/** Below this a connection that serves other requests, too, is worth more. Bytes. */
const worthIt = 4 * 1024 * 1024;
/** Memory that waits for its next use: 16 MiB, two reads of each of four pulls. New memory is dear at its first touch. */
const mostKept = 8;

interface Memory {
  readonly buffer: Buffer;
  /** The loans from it, and its reader. */
  users: number;
}

/**
 * So many connections may be read in this way at a time: 64 MiB. What each has read stays while its reader stands still; the others are read in
 * Node's way, which holds less.
 */
const mostMemories = 32;

const kept: Buffer[] = [];
let memories = 0;

/**
 * The rest of a body as it comes from the kernel, past Node's HTTP parser, which would copy it into new memory. What is read is lent, and filled
 * again when all of it has come back.
 */
export class DirectBody implements DirectReader {
  readonly #connection: Socket;
  readonly #lend: (loan: Loan) => void;
  #left: number;
  /** Where the next read goes, as long as the connection is open. */
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
   * @param left the bytes of the body that have not come out of it
   * @returns whether they go to `lend` from now on. The body tells of its connection's failures as before, and never ends well: it has to be destroyed
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
    // The first read was under way to the memory of all.
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

  /** What has come and was not lent comes again: the body has broken. */
  #letGo(): void {
    clearImmediate(this.#flush);
    giveUse(this.#memory);
  }

  /** Only while the connection is about to ask for room: until then it reads into what it has. */
  #moveOn(): void {
    const full = this.#memory;
    this.#lendFilled();
    this.#memory = takeMemory();
    this.#filled = 0;
    this.#lentUpTo = 0;
    giveUse(full);
  }

  /** TLS gives records of 16 KiB each: what comes in one turn is one loan. */
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
