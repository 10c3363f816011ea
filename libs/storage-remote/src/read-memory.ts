import { type OnReadOpts, Socket } from 'node:net';

/** Bytes of a read whose data is copied afterwards: the size of Node's own reads. */
const copiedBytes = 64 * 1024;

/** Reads a connection instead of Node's HTTP parser. */
export interface DirectReader {
  /** The memory for the next bytes. */
  readonly room: Uint8Array;
  /** Takes the bytes that were read: into `room`, or at first into other memory. @returns whether to read on */
  arrived(bytes: Uint8Array): boolean;
}

/**
 * Memory that the reads of all connections share, instead of 64 KiB of new memory for each read. Node's HTTP parser copies the bytes out before the
 * next read of any connection begins.
 */
const shared = Buffer.allocUnsafeSlow(copiedBytes);
const connections = new WeakSet<Socket>();
const readers = new WeakMap<Socket, DirectReader>();
let next: Uint8Array = shared;

/** The `onread` option for connections to stores. */
export const sharedReads: OnReadOpts = {
  /** Called when a connection is made, and after each read. */
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
    // Between two requests nobody reads, and a store must not send anything.
    if (!this.emit('data', bytes)) this.destroy();
    return true;
  },
};

/**
 * Routes the bytes of a connection to the reader instead of the parser. The connection cannot be used for another request afterwards.
 * @returns false if the connection does not read through `sharedReads`, like those to some proxies
 */
export function readDirectly(connection: Socket, reader: DirectReader): boolean {
  if (!connections.has(connection)) return false;
  readers.set(connection, reader);
  connection.resume();
  return true;
}
