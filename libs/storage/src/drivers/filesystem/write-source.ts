import type { FileHandle } from 'node:fs/promises';
import { takesBack } from '../../lending-source.ts';
import { ChunkReader } from '../../for-drivers/chunk-reader.ts';
import { BatchedWriter } from './batched-writer.ts';

/** Idle time of a source after which the bytes received so far are written. */
const idleMilliseconds = 200;

export interface Written {
  /** The position at which the bytes end in the file. */
  readonly offset: number;
  readonly interrupted?: unknown;
}

/**
 * Writes a source into a file from `offset` on, without syncing. If the source fails, the bytes end where it failed. When the promise rejects, no
 * write is under way any more.
 * @throws the kernel's error; the signal's reason
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
  // Flush when the source is idle, so that the bytes of a stalled client do not stay in memory. The next flush reports an error.
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
