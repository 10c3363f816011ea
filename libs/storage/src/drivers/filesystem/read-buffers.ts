/** Bytes that one read of a file asks for; README.md has the measurements. */
export const readBytes = 256 * 1024;
/** Buffers that wait for their next use: 8 MiB. */
const kept = 32;

const waiting: Buffer[] = [];

/** Memory for a lent chunk, with whatever bytes in it. A small file gets no more than it needs. */
export function takeBuffer(wanted: number): Buffer {
  return waiting.pop() ?? Buffer.allocUnsafeSlow(wanted);
}

/** Only for memory that nobody looks at any more. */
export function giveBuffer(buffer: Buffer): void {
  if (buffer.byteLength === readBytes && waiting.length < kept) waiting.push(buffer);
}
