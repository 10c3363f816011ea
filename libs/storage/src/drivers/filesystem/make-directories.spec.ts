import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FilesystemDriver } from './filesystem-driver.ts';
import { makeDirectories } from './make-directories.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-directories-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('makeDirectories', () => {
  it('creates the missing directories, and returns the topmost', async () => {
    expect(await makeDirectories(join(folder, 'a/b/c'))).toBe(join(folder, 'a'));
    expect(statSync(join(folder, 'a/b/c')).isDirectory()).toBe(true);
    expect(await makeDirectories(join(folder, 'a/b/c'))).toBeUndefined();
    expect(await makeDirectories(join(folder, 'a/b/d'))).toBe(join(folder, 'a/b/d'));
  });

  it('rejects if a directory cannot be created', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(makeDirectories(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(makeDirectories('/proc/absent/below')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('FilesystemDriver', () => {
  it('fails if its root cannot be created', async () => {
    const driver = new FilesystemDriver({ rootdirectory: '/proc/absent/below' });
    await expect(driver.check()).rejects.toMatchObject({ cause: { code: 'ENOENT' } });
  });
});
