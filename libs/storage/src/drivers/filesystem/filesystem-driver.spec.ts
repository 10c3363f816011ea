import { type FileHandle, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { InstrumentedDriver } from '../../instrumented-driver.ts';
import { fileHandlePrototype } from '../../testing/file-handle.ts';
import { describeStorageDriver } from '../../testing/storage-driver.contract.ts';
import { FilesystemDriver } from './filesystem-driver.ts';

describeStorageDriver('filesystem', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'storage-'));
  // Two drivers on one directory share no state, like two processes.
  const open = (): InstrumentedDriver =>
    new InstrumentedDriver(new FilesystemDriver({ rootdirectory: join(directory, 'not', 'yet') }));
  const prototype = await fileHandlePrototype();
  const breakAppend = (): (() => void) => {
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    const spy = vi.spyOn(prototype, 'writev').mockRejectedValue(full);
    spy.mockImplementationOnce(async function first(this: FileHandle, buffers, position) {
      const { bytesWritten } = await this.write(bytesOfAll(buffers), 0, undefined, position);
      return { bytesWritten, buffers };
    });
    return () => spy.mockRestore();
  };
  return { driver: open(), other: open(), breakAppend, dispose: () => rm(directory, { recursive: true }) };
});

function bytesOfAll(buffers: readonly NodeJS.ArrayBufferView[]): Buffer {
  return Buffer.concat(
    buffers.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
}
