import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { objectKey } from '../../object-key.ts';
import { failingAfter, inChunks, someBytes } from '../../testing/bytes.ts';
import { fileHandlePrototype } from '../../testing/file-handle.ts';
import { FilesystemDriver } from './filesystem-driver.ts';

let root = '';
let driver: FilesystemDriver;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'durable-')));
  driver = new FilesystemDriver({ rootdirectory: root });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

async function watchedSyncs(): Promise<ReturnType<typeof vi.fn>> {
  return vi.spyOn(await fileHandlePrototype(), 'datasync');
}

const begun = { key: objectKey('uploads/1'), offset: 0, state: null };

describe('FilesystemDriver', () => {
  it('syncs bytes before it acknowledges them, also after the source failed', async () => {
    const datasync = await watchedSyncs();
    const first = await driver.append(begun, inChunks(someBytes(10)));
    expect(datasync).toHaveBeenCalledTimes(1);
    const second = { ...begun, ...first };
    await driver.append(second, failingAfter(someBytes(10), new Error('gone')));
    expect(datasync).toHaveBeenCalledTimes(2);
    // Cutting off the unacknowledged bytes must be durable as well.
    await driver.commit(second, objectKey('blobs/1'));
    expect(datasync).toHaveBeenCalledTimes(3);
    await driver.put(objectKey('a'), someBytes(10));
    expect(datasync).toHaveBeenCalledTimes(4);
  });

  it.each([
    ['append', () => driver.append(begun, inChunks(someBytes(10)))],
    ['put', () => driver.put(objectKey('a'), someBytes(10))],
  ])('does not acknowledge %s if the bytes could not be synced', async (_, call) => {
    const datasync = await watchedSyncs();
    datasync.mockRejectedValue(Object.assign(new Error('EIO'), { code: 'EIO' }));
    await expect(call()).rejects.toMatchObject({ kind: 'unavailable', cause: { code: 'EIO' } });
    await expect(driver.stat(objectKey('a'))).rejects.toMatchObject({ kind: 'absent' });
  });
});
