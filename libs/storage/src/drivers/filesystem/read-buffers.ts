/** Bytes of one file read. README.md has the measurements. */
export const readBytes = 256 * 1024;
/** Bytes of one file read while large buffers are scarce. A slow reader keeps its buffer for long. */
export const scarceReadBytes = 64 * 1024;
/** Idle buffers that are kept for reuse: 8 MiB. */
const kept = 32;
/** Large buffers in use from which on they count as scarce: 32 MiB. */
const plenty = 128;

const waiting: Buffer[] = [];
let inUse = 0;

/** Whether large buffers are scarce. A stream then takes a small buffer, and prepares no second one while the first is lent. */
export function areBuffersScarce(): boolean {
  return inUse >= plenty;
}

/** Returns memory for a lent chunk; its content is arbitrary. A small file, or a stream while buffers are scarce, gets only the size it needs. */
export function takeBuffer(wanted: number): Buffer {
  if (wanted <= scarceReadBytes) return Buffer.allocUnsafeSlow(wanted);
  const buffer = waiting.pop() ?? Buffer.allocUnsafeSlow(readBytes);
  inUse += 1;
  lost.register(buffer.buffer, undefined, buffer);
  return buffer;
}

/** Counts the buffers of failed loans. They are never given back, so they count as in use until they are garbage-collected. */
const lost = new FinalizationRegistry<undefined>(() => (inUse -= 1));

/** Gives a buffer back for reuse. Call it only when nobody reads the buffer any more. */
export function giveBuffer(buffer: Buffer): void {
  if (buffer.byteLength !== readBytes) return;
  lost.unregister(buffer);
  inUse -= 1;
  if (waiting.length < kept) waiting.push(buffer);
}
