import { mkdirSync, mkdtempSync, realpathSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectorySync } from './directory-sync.ts';
import { DirectoryTree } from './directory-tree.ts';

let root = '';
let synced: string[] = [];
let tree: DirectoryTree;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'tree-')));
  synced = [];
  tree = new DirectoryTree(root, {
    sync: (path) => {
      synced.push(relative(root, path));
      return Promise.resolve();
    },
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function placed(key: string): Promise<string[]> {
  synced = [];
  const path = await tree.makeFor(key);
  writeFileSync(path, '');
  await tree.settle(path);
  return synced;
}

describe('DirectoryTree', () => {
  it('syncs the directory of a new file and every parent that is not known to be durable', async () => {
    expect(await placed('a/b/c/1')).toEqual(['a/b/c', 'a/b', 'a', '']);
    expect(await placed('a/b/c/2')).toEqual(['a/b/c']);
    expect(await placed('a/b/d/1')).toEqual(['a/b/d', 'a/b']);
  });

  it('syncs a directory that another process has just made and may not have synced', async () => {
    mkdirSync(join(root, 'a/b'), { recursive: true });
    expect(await placed('a/b/1')).toEqual(['a/b', 'a', '']);
  });

  it('does not mistake a recreated directory for the one it knew', async () => {
    await placed('a/b/1');
    unlinkSync(join(root, 'a/b/1'));
    rmdirSync(join(root, 'a/b'));
    // The new directory may get the same inode number.
    mkdirSync(join(root, 'a/b'));
    expect(await placed('a/b/1')).toEqual(['a/b', 'a']);
  });

  it('removes empty directories upwards except the one below the root, and syncs the lowest that remains', async () => {
    await placed('a/b/c/1');
    unlinkSync(join(root, 'a/b/c/1'));
    synced = [];
    await tree.prune(join(root, 'a/b/c'));
    expect(synced).toEqual(['a']);
    synced = [];
    await tree.prune(root);
    expect(synced).toEqual(['']);
  });

  it('leaves a directory that still has a file', async () => {
    await placed('a/b/c/1');
    await placed('a/b/2');
    unlinkSync(join(root, 'a/b/c/1'));
    synced = [];
    await tree.prune(join(root, 'a/b/c'));
    expect(synced).toEqual(['a/b']);
  });

  it('resolves if the file and its directory were deleted meanwhile', async () => {
    const gone = new DirectoryTree(root);
    await expect(gone.settle(join(root, 'x/y/1'))).resolves.toBeUndefined();
  });
});

describe('DirectorySync', () => {
  it('lets callers share a sync that begins after all of them, and rejects each caller of a missing directory', async () => {
    const syncs = new DirectorySync();
    const first = syncs.sync(root);
    const second = syncs.sync(root);
    expect(syncs.sync(root)).toBe(second);
    expect(second).not.toBe(first);
    await Promise.all([first, second]);
    await expect(syncs.sync(join(root, 'not'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(syncs.sync(root)).resolves.toBeUndefined();
  });
});
