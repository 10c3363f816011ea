/** Bytes that one read of a file asks for; README.md has the measurements. */
export const readBytes = 256 * 1024;
/** The same when many files are being read: who reads slowly keeps what was read for him. */
export const scarceReadBytes = 64 * 1024;
/** Buffers that wait for their next use: 8 MiB. */
const kept = 32;
/** So many large buffers may be in use at a time: 32 MiB. */
const plenty = 128;

const waiting: Buffer[] = [];
let inUse = 0;

/** Whether large buffers are short: then a stream takes a small one, and no second one before the first has come back. */
export function areBuffersScarce(): boolean {
  return inUse >= plenty;
}

/** Memory for a lent chunk, with whatever bytes in it. A small file, or one of many, gets no more than it needs. */
export function takeBuffer(wanted: number): Buffer {
  if (wanted <= scarceReadBytes) return Buffer.allocUnsafeSlow(wanted);
  const buffer = waiting.pop() ?? Buffer.allocUnsafeSlow(readBytes);
  inUse += 1;
  lost.register(buffer.buffer, undefined, buffer);
  return buffer;
}

/** Memory of a loan that failed is not given back: it is in use until it is collected. */
const lost = new FinalizationRegistry<undefined>(() => (inUse -= 1));

/** Only for memory that nobody looks at any more. */
export function giveBuffer(buffer: Buffer): void {
  if (buffer.byteLength !== readBytes) return;
  lost.unregister(buffer);
  inUse -= 1;
  if (waiting.length < kept) waiting.push(buffer);
}
