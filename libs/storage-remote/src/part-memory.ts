import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { Semaphore } from './semaphore.ts';

const mebibyte = 1024 * 1024;
/**
 * Bytes of all parts in use, plus the idle memory that is kept, for all appends of the process. Without a limit 200 concurrent pushes would take 4
 * GiB. Six parts of 10 MiB cover a store's latency. Three parts fit, whatever their size.
 */
const most = 64 * mebibyte;
const widest = most / 3;
/** Bytes of idle memory that are kept: the usual parts of two appends. */
const mostKept = 40 * mebibyte;
/** Milliseconds without a write after which idle memory is released. */
const keptFor = 10_000;
/** Size in bytes from which on memory is counted and waited for. Less is cheap to allocate. */
export const countedBytes = 2 * mebibyte;

/** Idle memory, the oldest first. */
const waiting: Buffer[] = [];
const letGo = setTimeout(() => waiting.splice(0), keptFor).unref();
const used = new Semaphore(most);
/** Bytes of the used memory that are being sent. */
let underWay = 0;
/**
 * Admits a waiter after 5 s if slow clients hold the memory; otherwise they would slow down everyone. If the store is slow, more parts would not make
 * it faster.
 */
const patience = { milliseconds: 5_000, hasEnd: () => underWay < most / 4 };
/** The share of each piece of memory. */
const widths = new WeakMap<ArrayBufferLike, number>();
/** Memory that is never given back, because a request may still read it, counts as used until it is garbage-collected. */
const collected = new FinalizationRegistry<number>((width) => used.leave(width));

/**
 * Returns memory for a part of up to `size` bytes. Its content is arbitrary, and it may be somewhat larger. New memory is expensive: the kernel
 * clears each page at its first touch, and V8 marks the whole heap for every few dozen MB. If parts use all the memory, the call waits.
 * @throws the signal's reason if it is aborted before there is memory
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

/** Gives the memory of a part back. Call it only when nobody, including the kernel, reads the bytes any more. Memory from elsewhere is ignored. */
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

/** The requests of one call, all attempts included: their number, and those that may still be sending. */
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
  // `finish`: the kernel has all bytes. `close`: the connection is gone.
  request.once('finish', sent).once('close', sent);
});

/**
 * Sends a part, possibly several times, and then keeps its memory for the next part if no request uses it any more. A request may use it however the
 * call ended: if a store answers before it has read the whole part, Node continues to send it, beside the next attempt.
 */
export async function sendPart<T>(bytes: Buffer, send: () => Promise<T>): Promise<T> {
  const requests: Begun = { count: 0, sending: new Set() };
  const width = widths.get(bytes.buffer) ?? 0;
  underWay += width;
  try {
    return await begun.run(requests, send);
  } finally {
    underWay -= width;
    // If no request was observed, one may be running unobserved.
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
