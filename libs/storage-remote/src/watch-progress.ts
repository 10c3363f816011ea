import type { Socket } from 'node:net';

/** Checks of a connection within its deadline. The connection is closed late by at most one interval. */
const looks = 4;

/** Node's own counters of a connection, in bytes. Nothing public tells how much of a write the kernel has taken. */
interface Handle {
  readonly bytesRead?: number;
  /** Bytes written to the connection. */
  readonly bytesWritten?: number;
  /** Bytes of these that the kernel has not taken. */
  readonly writeQueueSize?: number;
  /** The connection below TLS, which counts the bytes that move. */
  readonly _parent?: Handle;
}

/**
 * Destroys a connection (ETIMEDOUT) that has passed no byte in either direction for `stall` milliseconds. Node's own timeout does not see the
 * progress of a large write under TLS, and waits twice as long for a write without progress. A part is one write.
 */
export function watchProgress(connection: Socket, stall: number): void {
  let before = passed(connection);
  let idle = 0;
  const watch = setInterval(() => {
    const now = passed(connection);
    idle = now === before ? idle + 1 : 0;
    before = now;
    if (idle === looks) connection.destroy(new StoreSilent());
  }, stall / looks).unref();
  connection.once('close', () => clearInterval(watch));
}

class StoreSilent extends Error {
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('the store was silent for too long');
  }
}

/** Returns a number that changes with each byte that passes. */
function passed(connection: Socket): number {
  // oxlint-disable no-underscore-dangle -- Node's names
  const { _handle: handle } = connection as Socket & { readonly _handle?: Handle | null };
  const { bytesRead = 0, bytesWritten = 0, writeQueueSize = 0 } = handle?._parent ?? handle ?? {};
  // oxlint-enable no-underscore-dangle
  return bytesRead + bytesWritten - writeQueueSize;
}
