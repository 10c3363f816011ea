import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds without progress until a client that reads nothing is disconnected. */
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
 * Disconnects a client that no longer reads its answer. Node's own socket timeout starts again if a part of the last write has left since that write
 * began, so a stalled reader gets twice the time.
 * @param deadline milliseconds without progress
 * @returns ends the watch; call it when the answer is complete
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

/** Resets the connection: after a close the kernel would keep the unsent bytes, megabytes per connection, as long as its client stalls. */
function giveUp(socket: Socket): void {
  const reason = new Error('the client takes nothing of its answer any more');
  socket.once('error', () => undefined);
  if ('encrypted' in socket) socket.destroy(reason);
  else socket.resetAndDestroy().destroy(reason);
}

/** Returns the written bytes that the kernel has accepted. */
function takenBy(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}
