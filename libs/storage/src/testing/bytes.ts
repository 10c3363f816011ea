import { createHash } from 'node:crypto';

/** Returns pseudo-random bytes, the same each time. An error at any position changes the hash. */
export function someBytes(size: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = seed * 2_654_435_761;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export async function* inChunks(bytes: Uint8Array, chunkSize = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
}

/** Yields a block repeatedly, each time with its number in front, until there are `size` bytes. */
export async function* longSource(size: number): AsyncGenerator<Uint8Array> {
  const block = someBytes(65_536);
  for (let at = 0; at < size; at += block.byteLength) {
    const chunk = Buffer.from(block);
    chunk.writeBigUInt64BE(BigInt(at));
    yield chunk.subarray(0, Math.min(block.byteLength, size - at));
  }
}

export async function* failingAfter(bytes: Uint8Array, failure: unknown): AsyncGenerator<Uint8Array> {
  yield* inChunks(bytes);
  throw failure;
}

/** Yields some bytes and then hangs without an end, like a client that has gone to sleep. */
export async function* silentAfter(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* inChunks(bytes);
  await new Promise<never>(() => undefined);
}

/** Reads a source into memory; for small objects. */
export async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function sha256Of(source: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source) hash.update(chunk);
  return hash.digest('hex');
}
