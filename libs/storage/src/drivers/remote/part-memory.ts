import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';

/** Memory that waits for its next part: two appends' worth of the usual parts. Bytes. */
const mostKept = 40 * 1024 * 1024;
/** Nobody writes any more: what is kept is let go. Milliseconds. */
const patience = 10_000;
/** What is smaller is cheap to have anew. Bytes. */
const worthKeeping = 1024 * 1024;

/** The oldest first. */
const waiting: Buffer[] = [];
const letGo = setTimeout(() => waiting.splice(0), patience).unref();

/**
 * Memory for a part of up to `size` bytes, with whatever bytes in it; a little more where that is at hand. New memory is dear: the kernel clears
 * each page of it at its first touch, and V8 marks the whole heap for every few dozen MB.
 */
export function takePartMemory(size: number): Buffer {
  const at = waiting.findLastIndex(({ byteLength }) => byteLength >= size && byteLength < 2 * size);
  return waiting.splice(at, at === -1 ? 0 : 1)[0] ?? Buffer.allocUnsafeSlow(size);
}

/** Only for bytes that nobody looks at any more, the kernel included, alone in their memory. */
export function givePartMemory({ buffer }: Buffer): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < worthKeeping) return;
  waiting.push(Buffer.from(buffer));
  let kept = waiting.reduce((sum, { byteLength }) => sum + byteLength, 0);
  for (; kept > mostKept; kept -= waiting.shift()?.byteLength ?? kept);
  letGo.refresh();
}

/** The requests that one call began, with all its attempts, and those of them that may still send. */
interface Begun {
  count: number;
  readonly sending: Set<ClientRequest>;
}

const begun = new AsyncLocalStorage<Begun>();

subscribe('http.client.request.created', (message) => {
  const requests = begun.getStore();
  if (requests === undefined || !isAboutRequest(message)) return;
  const { request } = message;
  requests.count++;
  requests.sending.add(request);
  const sent = (): void => void requests.sending.delete(request);
  // The kernel has all of it; its connection is gone.
  request.once('finish', sent).once('close', sent);
});

/**
 * Sends a part, perhaps several times, and keeps its memory for the next one if no request holds it any more. One may, however the call ended: a
 * store can answer before it has read the whole of a part, and Node goes on sending it then, beside the next attempt.
 */
export async function sendPart<T>(bytes: Buffer, send: () => Promise<T>): Promise<T> {
  const requests: Begun = { count: 0, sending: new Set() };
  try {
    return await begun.run(requests, send);
  } finally {
    // Where no request was seen, one may have escaped us.
    if (requests.count > 0 && requests.sending.size === 0) givePartMemory(bytes);
  }
}

function isAboutRequest(message: unknown): message is { readonly request: ClientRequest } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'request' in message &&
    message.request instanceof ClientRequest
  );
}
