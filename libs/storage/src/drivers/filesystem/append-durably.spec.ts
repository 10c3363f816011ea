import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { objectKey } from '../../object-key.ts';
import { bytesOf, inChunks, someBytes } from '../../testing/bytes.ts';
import { fileHandlePrototype } from '../../testing/file-handle.ts';
import { FilesystemDriver } from './filesystem-driver.ts';

const mebibyte = 1024 * 1024;
const key = objectKey('uploads/1');
const first = someBytes(1000);
const second = someBytes(5 * mebibyte);
let root = '';
let driver: FilesystemDriver;
let prototype: FileHandle;

beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'append-')));
  driver = new FilesystemDriver({ rootdirectory: root });
  prototype = await fileHandlePrototype();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const sizeOf = (): number => statSync(join(root, key)).size;

/** Makes the kernel accept `batches` vectored writes and then fail with ENOSPC. */
function diskWithRoomFor(batches: number): void {
  const writev: unknown = Reflect.get(prototype, 'writev');
  if (typeof writev !== 'function') throw new TypeError('a file handle has no writev');
  let written = 0;
  vi.spyOn(prototype, 'writev').mockImplementation(function (this: FileHandle, ...parameters) {
    written += 1;
    if (written <= batches) return Reflect.apply(writev, this, parameters);
    return Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
  });
}

describe('FilesystemDriver.append, when the store fails', () => {
  it('leaves no byte after the acknowledged ones', async () => {
    const upload = { key, ...(await driver.append({ key, offset: 0, state: null }, inChunks(first))) };
    diskWithRoomFor(3);
    await expect(driver.append(upload, inChunks(second))).rejects.toMatchObject({ kind: 'full' });
    expect(sizeOf()).toBe(first.byteLength);
    vi.restoreAllMocks();
    const whole = await driver.append(upload, inChunks(second));
    await driver.commit({ key, ...whole }, objectKey('blobs/1'));
    expect(await bytesOf(await driver.read(objectKey('blobs/1')))).toEqual(Buffer.concat([first, second]));
  });

  it('leaves an empty file if the upload had no bytes before', async () => {
    diskWithRoomFor(2);
    const begun = { key, offset: 0, state: null };
    await expect(driver.append(begun, inChunks(second))).rejects.toMatchObject({ kind: 'full' });
    expect(sizeOf()).toBe(0);
  });

  it('leaves no byte that was written but could not be synced', async () => {
    const full = Object.assign(new Error('EDQUOT'), { code: 'EDQUOT' });
    vi.spyOn(prototype, 'datasync').mockRejectedValue(full);
    const begun = { key, offset: 0, state: null };
    await expect(driver.append(begun, inChunks(second))).rejects.toMatchObject({ kind: 'full' });
    expect(sizeOf()).toBe(0);
  });

  it('does not touch the file after its signal is aborted: another writer may own the upload', async () => {
    const lost = new AbortController();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield second;
      yield second;
      await sleep(50);
      lost.abort(new Error('the lease is lost'));
      yield second;
    }
    const truncate = vi.spyOn(prototype, 'truncate');
    const begun = { key, offset: 0, state: null };
    await expect(driver.append(begun, source(), { signal: lost.signal })).rejects.toThrow('lease is lost');
    expect(truncate).not.toHaveBeenCalled();
  });
});
