import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A client that takes nothing of its answer for so long is given up. Milliseconds. */
const deliveryDeadline = 120_000;

interface Delivery {
  readonly socket: Socket;
  readonly deadline: number;
  taken: number;
  since: number;
}

const deliveries = new Set<Delivery>();
let timer: NodeJS.Timeout | undefined;

/**
 * Cuts the connection of a client that takes nothing of its answer any more. Node's own timeout of a socket begins anew when it finds that some of
 * the last write has left since that write began, which makes it twice as long for a reader that stands still.
 * @param deadline milliseconds without progress
 * @returns ends the watch; to be called when the answer is over
 */
export function watchDelivery({ socket }: ServerResponse, deadline = deliveryDeadline): () => void {
  if (socket === null) return () => undefined;
  const delivery = { socket, deadline, taken: takenBy(socket), since: performance.now() };
  deliveries.add(delivery);
  timer ??= setInterval(look, deadline / 16).unref();
  return () => {
    deliveries.delete(delivery);
    if (deliveries.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function look(): void {
  const now = performance.now();
  for (const delivery of deliveries) {
    const taken = takenBy(delivery.socket);
    if (taken !== delivery.taken) Object.assign(delivery, { taken, since: now });
    else if (now - delivery.since >= delivery.deadline) {
      giveUp(delivery.socket);
    }
  }
}

/** By a reset: what a closed connection has not sent would stay in the kernel, megabytes for each, for as long as its client stands still. */
function giveUp(socket: Socket): void {
  const reason = new Error('the client takes nothing of its answer any more');
  socket.once('error', () => undefined);
  if ('encrypted' in socket) socket.destroy(reason);
  else socket.resetAndDestroy().destroy(reason);
}

/** Bytes that the kernel has taken of what was written. */
function takenBy(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}
