import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileHandlePrototype } from '../../testing/file-handle.ts';
import { FilesystemDriver } from './filesystem-driver.ts';

let root = '';
let driver: FilesystemDriver;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'check-')));
  driver = new FilesystemDriver({ rootdirectory: root });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

describe('FilesystemDriver.check', () => {
  it.each([
    ['ENOSPC', 'writev', 'full'],
    ['EDQUOT', 'writev', 'full'],
    ['EDQUOT', 'datasync', 'full'],
    ['EROFS', 'datasync', 'read-only'],
    ['EIO', 'datasync', 'unavailable'],
    ['EIO', 'read', 'unavailable'],
  ] as const)('reports %s of %s as %s, and leaves no file', async (code, method, kind) => {
    const error = Object.assign(new Error(code), { code });
    vi.spyOn(await fileHandlePrototype(), method).mockRejectedValue(error);
    await expect(driver.check()).rejects.toMatchObject({ kind, driver: 'filesystem', cause: { code } });
    vi.restoreAllMocks();
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(files).toEqual([]);
    await expect(driver.check()).resolves.toBeUndefined();
  });
});
