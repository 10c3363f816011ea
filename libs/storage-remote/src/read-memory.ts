import { type OnReadOpts, Socket } from 'node:net';

/** Bytes that a read of a connection asks for where they are copied afterwards: as many as in Node's own reads. */
const copiedBytes = 64 * 1024;

/** Who reads a connection in place of Node's HTTP parser. */
export interface DirectReader {
  /** Where the next bytes go. */
  readonly room: Uint8Array;
  /** Takes what was read, into `room` or, at first, into other memory. @returns whether to go on */
  arrived(bytes: Uint8Array): boolean;
}

/**
 * One piece of memory for the reads of all connections, in place of 64 KiB of new memory for each read. Node's HTTP parser copies what it finds
 * in there before the next read, of whichever connection, begins.
 */
const shared = Buffer.allocUnsafeSlow(copiedBytes);
const connections = new WeakSet<Socket>();
const readers = new WeakMap<Socket, DirectReader>();
let next: Uint8Array = shared;

/** For connections to stores. */
export const sharedReads: OnReadOpts = {
  /** Asked for when a connection is made, and behind each read. */
  buffer() {
    const memory = next;
    next = shared;
    return memory;
  },
  callback(this: unknown, size, memory) {
    if (!(this instanceof Socket)) throw new Error('only for a connection');
    const bytes = Buffer.from(memory.buffer, memory.byteOffset, size);
    const reader = readers.get(this);
    if (reader !== undefined) {
      const goesOn = reader.arrived(bytes);
      next = reader.room;
      return goesOn;
    }
    connections.add(this);
    // Between two requests there is nobody to read, and nothing that a store may say.
    if (!this.emit('data', bytes)) this.destroy();
    return true;
  },
};

/**
 * From now on the parser learns no more of what comes: the connection cannot be used for another request.
 * @returns false where a connection is not read in our way, as to some proxies
 */
export function readDirectly(connection: Socket, reader: DirectReader): boolean {
  if (!connections.has(connection)) return false;
  readers.set(connection, reader);
  connection.resume();
  return true;
}
