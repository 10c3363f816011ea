import type { Socket } from 'node:net';

/** How often a connection is looked at within its deadline: it is cut that much later at most. */
const looks = 4;

/** What Node counts of a connection: it tells nobody else how much of a write the kernel has taken. Bytes. */
interface Handle {
  readonly bytesRead?: number;
  /** What was handed to it. */
  readonly bytesWritten?: number;
  /** Of that, what the kernel has not taken. */
  readonly writeQueueSize?: number;
  /** Under TLS, the connection below, whose bytes are those that move. */
  readonly _parent?: Handle;
}

/**
 * Destroys a connection (ETIMEDOUT) through which no byte has gone for so many milliseconds, in either direction. Node's own timeout does not see a
 * large write move under TLS, and waits twice as long for one that never does: a part is one write.
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

/** Another number after each byte that went through. */
function passed(connection: Socket): number {
  // oxlint-disable no-underscore-dangle -- Node's names
  const { _handle: handle } = connection as Socket & { readonly _handle?: Handle | null };
  const { bytesRead = 0, bytesWritten = 0, writeQueueSize = 0 } = handle?._parent ?? handle ?? {};
  // oxlint-enable no-underscore-dangle
  return bytesRead + bytesWritten - writeQueueSize;
}
