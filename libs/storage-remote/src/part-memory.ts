import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { Lanes } from './lanes.ts';

const mebibyte = 1024 * 1024;
/**
 * Parts in use at a time, of all appends of the process, and what is kept of them. Bytes. Without a limit 200 clients that push at once would cost 4 GiB;
 * six parts of 10 MiB are more than a store's latency needs. Three there may be, of whatever size.
 */
const most = 64 * mebibyte;
const widest = most / 3;
/** Of that, what waits for its next part: two appends' worth of the usual parts. Bytes. */
const mostKept = 40 * mebibyte;
/** Nobody writes any more: what is kept is let go. Milliseconds. */
const keptFor = 10_000;
/** What is smaller is cheap to have anew, is not counted, and never waited for. Bytes. */
export const countedBytes = 2 * mebibyte;

/** The oldest first. */
const waiting: Buffer[] = [];
const letGo = setTimeout(() => waiting.splice(0), keptFor).unref();
const used = new Lanes(most);
/** What of that is on its way. */
let underWay = 0;
/**
 * Whoever waits is let in when it is clients that hold the memory, by being slow: they would make all others as slow. Where it is the store, more
 * parts would not make it faster.
 */
const patience = { milliseconds: 5_000, hasEnd: () => underWay < most / 4 };
/** What each takes of that. */
const widths = new WeakMap<ArrayBufferLike, number>();
/** Memory that may not be given back, since somebody may still look at it, is in use until it is collected. */
const collected = new FinalizationRegistry<number>((width) => used.leave(width));

/**
 * Memory for a part of up to `size` bytes, with whatever bytes in it; a little more where that is at hand. New memory is dear: the kernel clears
 * each page of it at its first touch, and V8 marks the whole heap for every few dozen MB. Where parts use all that they may, the next one waits
 * for memory.
 * @throws the signal's reason when it is aborted before there is memory
 */
export async function takePartMemory(size: number, signal?: AbortSignal): Promise<Buffer> {
  if (size < countedBytes) return Buffer.allocUnsafeSlow(size);
  const width = Math.min(size, widest);
  await used.enter({ signal, width, patience });
  const at = waiting.findLastIndex(({ byteLength }) => byteLength >= size && byteLength < 2 * size);
  const memory = waiting.splice(at, at === -1 ? 0 : 1)[0] ?? Buffer.allocUnsafeSlow(size);
  keepAtMost(most - used.taken);
  widths.set(memory.buffer, width);
  collected.register(memory.buffer, width, memory.buffer);
  return memory;
}

/** Only for bytes that nobody looks at any more, the kernel included. Their memory is the one that was taken, and nobody else's. */
export function givePartMemory({ buffer }: Buffer): void {
  const width = widths.get(buffer);
  if (width === undefined) return;
  widths.delete(buffer);
  collected.unregister(buffer);
  waiting.push(Buffer.from(buffer));
  keepAtMost(mostKept);
  letGo.refresh();
  used.leave(width);
}

function keepAtMost(bytes: number): void {
  let kept = waiting.reduce((sum, { byteLength }) => sum + byteLength, 0);
  while (kept > bytes && waiting.length > 0) kept -= waiting.shift()?.byteLength ?? 0;
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
  const width = widths.get(bytes.buffer) ?? 0;
  underWay += width;
  try {
    return await begun.run(requests, send);
  } finally {
    underWay -= width;
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
