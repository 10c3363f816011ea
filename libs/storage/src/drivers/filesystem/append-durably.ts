import type { FileHandle } from 'node:fs/promises';
import type { Upload } from '../../storage-driver.ts';
import { cutAt } from './open-file.ts';
import { type Written, writeSource } from './write-source.ts';

/**
 * Writes a source after the acknowledged bytes of an open file, syncs the file and closes it. If the store fails, the bytes written by this call are
 * cut off at once: they were never acknowledged, and on a full disk they would occupy space until the session expires. If the signal is aborted, the
 * file is left as it is: another writer may own it by now.
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
      // Report why the write failed. Bytes that a failed truncate leaves are removed by the next append or with the session.
      if (signal?.aborted !== true) await Promise.allSettled([handle.truncate(offset)]);
      throw error;
    }
  } finally {
    await handle.close();
  }
}
