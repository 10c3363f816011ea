import type { FileHandle } from 'node:fs/promises';
import type { Upload } from '../../storage-driver.ts';
import { cutAt } from './open-file.ts';
import { type Written, writeSource } from './write-source.ts';

/**
 * Writes a source behind the acknowledged bytes of an open file, syncs it, and closes it. What a failure of the store leaves behind them is cut
 * off at once: nobody was told of these bytes, and on a full disk they would keep the room until the session expires. A writer whose signal is
 * aborted may have lost the file to another one and does not touch it any more.
 * @throws StorageError 'corrupt'; the kernel's error; the signal's reason
 */
export async function appendDurably(
  handle: FileHandle,
  { key, offset }: Upload,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Written> {
  try {
    await cutAt(handle, offset, key);
    try {
      const written = await writeSource(handle, offset, source, signal);
      await handle.datasync();
      return written;
    } catch (error) {
      // Why the write failed is the answer; what a failed cut leaves goes with the next append or the session.
      if (signal?.aborted !== true) await Promise.allSettled([handle.truncate(offset)]);
      throw error;
    }
  } finally {
    await handle.close();
  }
}
