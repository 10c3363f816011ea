import type { FileHandle } from 'node:fs/promises';
import { takesBack } from '../../lending-source.ts';
import { ChunkReader } from '../../for-drivers/chunk-reader.ts';
import { BatchedWriter } from './batched-writer.ts';

/** A source that gives nothing for so long has what it gave before written. */
const idleMilliseconds = 200;

export interface Written {
  /** Where the bytes end in the file. */
  readonly offset: number;
  readonly interrupted?: unknown;
}

/**
 * Writes a source into a file from `offset` on, not durable yet. A source that fails ends the bytes where it failed.
 * @throws the kernel's error; the signal's reason. Nothing is being written any more when it rejects
 */
export async function writeSource(
  handle: FileHandle,
  offset: number,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Written> {
  const written = takesBack(source) ? (chunk: Uint8Array) => source.takeBack(chunk) : undefined;
  const writer = new BatchedWriter(handle, offset, written);
  using chunks = new ChunkReader(source, signal);
  // A client that stands still must not keep what it sent in our memory. What fails is met by the next flush.
  const idle = setTimeout(() => void writer.flush().catch(() => undefined), idleMilliseconds).unref();
  try {
    for (;;) {
      const chunk = await chunks.next();
      if ('interrupted' in chunk) return { offset: await writer.finish(), interrupted: chunk.interrupted };
      if (chunk.done === true) return { offset: await writer.finish() };
      if (writer.add(chunk.value)) await writer.flush();
      idle.refresh();
    }
  } catch (error) {
    chunks.stop();
    await writer.stop();
    throw error;
  } finally {
    clearTimeout(idle);
  }
}
