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
  it('makes what is missing, and names the topmost', async () => {
    expect(await makeDirectories(join(folder, 'a/b/c'))).toBe(join(folder, 'a'));
    expect(statSync(join(folder, 'a/b/c')).isDirectory()).toBe(true);
    expect(await makeDirectories(join(folder, 'a/b/c'))).toBeUndefined();
    expect(await makeDirectories(join(folder, 'a/b/d'))).toBe(join(folder, 'a/b/d'));
  });

  it('ends where a directory cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(makeDirectories(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(makeDirectories('/proc/absent/below')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('FilesystemDriver', () => {
  it('says that its root cannot be made', async () => {
    const driver = new FilesystemDriver({ rootdirectory: '/proc/absent/below' });
    await expect(driver.check()).rejects.toMatchObject({ cause: { code: 'ENOENT' } });
  });
});
