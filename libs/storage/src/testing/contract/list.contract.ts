import { beforeAll, expect, it } from 'vitest';
import { objectKey } from '../../object-key.ts';
import type { Subject } from '../subject.ts';

/** In byte order: `-` and `.` sort before the slash, digits after it. */
const names = ['0.1.2', '0.1.20', 'A', 'a-/1', 'a./1', 'a/1', 'a/b-c', 'a/b/1', 'a/b/2', 'a/b0', 'a0', 'b'];

export function describeList(use: () => Subject): void {
  let folder = '';
  beforeAll(async () => {
    folder = use().folder();
    await Promise.all(
      names.map((name) => use().driver.put(objectKey(`${folder}/${name}`), Buffer.from(name))),
    );
  });

  const listed = async (prefix: string, startAfter?: string): Promise<string[]> => {
    const after = startAfter === undefined ? undefined : `${folder}/${startAfter}`;
    const keys = await use().keys(`${folder}/${prefix}`, after);
    return keys.map((key) => key.slice(folder.length + 1));
  };

  it('gives all keys in the order of their bytes', async () => {
    expect(await listed('')).toEqual(names);
  });

  it('gives each object with its size and time', async () => {
    for await (const { key, size, modifiedAt } of use().driver.list(`${folder}/`)) {
      expect(size).toBe(key.length - folder.length - 1);
      expect(modifiedAt).toBeInstanceOf(Date);
    }
  });

  it.each([
    ['a/', ['a/1', 'a/b-c', 'a/b/1', 'a/b/2', 'a/b0']],
    ['a', ['a-/1', 'a./1', 'a/1', 'a/b-c', 'a/b/1', 'a/b/2', 'a/b0', 'a0']],
    ['a/b/2', ['a/b/2']],
    ['0.1.2', ['0.1.2', '0.1.20']],
    ['c', []],
    ['a/b/3/', []],
  ])('gives what begins with %s', async (prefix, expected) => {
    expect(await listed(prefix)).toEqual(expected);
  });

  it('goes on behind any key, be it there or not', async () => {
    for (const [index, name] of names.entries()) {
      expect(await listed('', name)).toEqual(names.slice(index + 1));
    }
    expect(await listed('', 'a/b')).toEqual(['a/b-c', 'a/b/1', 'a/b/2', 'a/b0', 'a0', 'b']);
    expect(await listed('a/b/', 'a/b/1')).toEqual(['a/b/2']);
    expect(await listed('a/', 'z')).toEqual([]);
  });

  it('gives nothing where nothing is, and finds its folder from the root', async () => {
    expect(await use().keys(`${use().folder()}/`)).toEqual([]);
    expect((await use().keys('')).filter((key) => key.startsWith(`${folder}/`))).toHaveLength(names.length);
  });

  it('stops when its reader does', async () => {
    for await (const { key } of use().driver.list(`${folder}/`)) {
      expect(key).toBe(`${folder}/${names[0]}`);
      break;
    }
  });

  it('stops when the signal is aborted', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const listing = (async () => {
      const found = [];
      for await (const { key } of use().driver.list(`${folder}/`, { signal: controller.signal })) {
        found.push(key);
        controller.abort(reason);
      }
      return found;
    })();
    await expect(listing).rejects.toBe(reason);
  });
}
