import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Chunks are written together up to this size: fewer system calls, and no more memory than this for each stream. Bytes. */
const coalesced = 1024 * 1024;

export interface WrittenBytes {
  readonly offset: number;
  readonly interrupted?: unknown;
}

/**
 * Writes a source behind `offset` of a file, which is cut there first, and makes it durable. A source that fails ends the file where it
 * failed; a failing write rejects.
 */
export async function appendFile(path: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<WrittenBytes> {
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  try {
    const { size } = await handle.stat();
    if (size < offset) throw new Error(`the file has ${size} bytes where ${offset} were acknowledged`);
    if (size > offset) await handle.truncate(offset);
    const written = await drain(handle, offset, source);
    await handle.datasync();
    return written;
  } finally {
    await handle.close();
  }
}

async function drain(handle: FileHandle, offset: number, source: AsyncIterable<Uint8Array>): Promise<WrittenBytes> {
  let position = offset;
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    bytes = 0;
    position = await writeAll(handle, batch, position);
  };
  const chunks = source[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await chunks.next();
    } catch (interrupted) {
      await flush();
      return { offset: position, interrupted };
    }
    if (next.done === true) break;
    waiting.push(next.value);
    bytes += next.value.byteLength;
    if (bytes >= coalesced) await flush();
  }
  if (bytes > 0) await flush();
  return { offset: position };
}

/** A vectored write may be short; what is left is written again. */
async function writeAll(handle: FileHandle, batch: readonly Uint8Array[], from: number): Promise<number> {
  let position = from;
  let rest = batch.filter((chunk) => chunk.byteLength > 0);
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, position);
    position += bytesWritten;
    rest = without(rest, bytesWritten);
  }
  return position;
}

function without(chunks: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  return chunks.flatMap((chunk) => {
    const skipped = Math.min(skip, chunk.byteLength);
    skip -= skipped;
    return skipped === chunk.byteLength ? [] : [chunk.subarray(skipped)];
  });
}
