import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectKey } from '../../object-key.ts';
import { bytesOf, inChunks, someBytes } from '../../testing/bytes.ts';
import { readError, writeError } from './file-error.ts';
import { FilesystemDriver } from './filesystem-driver.ts';
import { writeSource } from './write-source.ts';

const mebibyte = 1024 * 1024;
let directory = '';
let root = '';
let driver: FilesystemDriver;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'faults-')));
  root = join(directory, 'root');
  mkdirSync(root);
  driver = new FilesystemDriver({ rootdirectory: root });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const begun = (key: string) => ({ key: objectKey(key), offset: 0, state: null });
const denied = { kind: 'denied', driver: 'filesystem' };

const secret = (): string => join(directory, 'outside', 'secret');

describe('FilesystemDriver and symbolic links', () => {
  beforeEach(() => {
    mkdirSync(join(directory, 'outside'));
    writeFileSync(secret(), 'secret');
  });

  it('follows no link on the way to an object', async () => {
    symlinkSync(join(directory, 'outside'), join(root, 'link'));
    const key = objectKey('link/secret');
    await expect(driver.stat(key)).rejects.toMatchObject(denied);
    await expect(driver.read(key)).rejects.toMatchObject(denied);
    await expect(driver.put(key, Buffer.from('x'))).rejects.toMatchObject(denied);
    await expect(driver.append(begun('link/new'), inChunks(Buffer.from('x')))).rejects.toMatchObject(denied);
    await expect(driver.append(begun('link/a/b'), inChunks(Buffer.from('x')))).rejects.toMatchObject(denied);
    expect((await driver.delete([key])).failed).toMatchObject([{ key, error: denied }]);
    expect(readFileSync(secret(), 'utf8')).toBe('secret');
    expect(existsSync(join(directory, 'outside', 'new'))).toBe(false);
    expect(existsSync(join(directory, 'outside', 'a'))).toBe(false);
  });

  it('follows no link in the place of an object, and deletes the link itself', async () => {
    symlinkSync(secret(), join(root, 'link'));
    const key = objectKey('link');
    await expect(driver.stat(key)).rejects.toMatchObject(denied);
    await expect(driver.read(key)).rejects.toMatchObject(denied);
    await expect(driver.append(begun('link'), inChunks(Buffer.from('x')))).rejects.toMatchObject(denied);
    expect(await bytesOf(objectsOf())).toHaveLength(0);
    expect(await driver.delete([key])).toMatchObject({ gone: [key] });
    expect(readFileSync(secret(), 'utf8')).toBe('secret');
  });

  it('creates nothing behind a dangling link', async () => {
    symlinkSync(join(directory, 'nowhere'), join(root, 'link'));
    await expect(driver.put(objectKey('link/a'), Buffer.from('x'))).rejects.toMatchObject(denied);
    expect(existsSync(join(directory, 'nowhere'))).toBe(false);
  });

  it('follows the link that leads to the root', async () => {
    symlinkSync(root, join(directory, 'alias'));
    const alias = new FilesystemDriver({ rootdirectory: join(directory, 'alias') });
    await alias.put(objectKey('a/b'), Buffer.from('x'));
    expect(readFileSync(join(root, 'a/b'), 'utf8')).toBe('x');
  });
});

async function* objectsOf(): AsyncGenerator<Uint8Array> {
  for await (const { key } of driver.list('')) yield Buffer.from(key);
}

describe('FilesystemDriver on a store that fails', () => {
  it('fails a read whose file ends early', async () => {
    await driver.put(objectKey('a'), someBytes(3 * mebibyte));
    const stream = await driver.read(objectKey('a'));
    truncateSync(join(root, 'a'), mebibyte);
    await expect(bytesOf(stream)).rejects.toMatchObject({ kind: 'corrupt', key: 'a' });
  });

  it('says corrupt where acknowledged bytes are missing', async () => {
    const upload = {
      ...begun('uploads/1'),
      ...(await driver.append(begun('uploads/1'), inChunks(someBytes(100)))),
    };
    truncateSync(join(root, 'uploads/1'), 99);
    const corrupt = { kind: 'corrupt', key: 'uploads/1' };
    await expect(driver.append(upload, inChunks(Buffer.from('x')))).rejects.toMatchObject(corrupt);
    await expect(driver.commit(upload, objectKey('blobs/1'))).rejects.toMatchObject(corrupt);
  });

  it('says corrupt when a repeated commit finds other bytes', async () => {
    await driver.put(objectKey('blobs/1'), someBytes(50));
    const committing = driver.commit({ ...begun('uploads/1'), offset: 100 }, objectKey('blobs/1'));
    await expect(committing).rejects.toMatchObject({ kind: 'corrupt', key: 'blobs/1' });
  });

  it('refuses a key below an object, and a key above other objects', async () => {
    await driver.put(objectKey('a/b'), Buffer.from('x'));
    await expect(driver.put(objectKey('a/b/c'), Buffer.from('x'))).rejects.toMatchObject({
      kind: 'invalid-path',
    });
    await expect(driver.put(objectKey('a'), Buffer.from('x'))).rejects.toMatchObject({
      kind: 'invalid-path',
    });
    await expect(driver.append(begun('a'), inChunks(Buffer.from('x')))).rejects.toMatchObject({
      kind: 'invalid-path',
    });
  });

  // Not even root can create a directory there.
  it.skipIf(!existsSync('/sys/kernel'))(
    'fails as denied if it may not write, in its check as well',
    async () => {
      const nowhere = new FilesystemDriver({ rootdirectory: '/sys/registry' });
      await expect(nowhere.check()).rejects.toMatchObject(denied);
      await expect(nowhere.stat(objectKey('a'))).rejects.toMatchObject({ kind: 'absent' });
    },
  );

  it('refuses a root that is a file', async () => {
    writeFileSync(join(directory, 'file'), '');
    const wrong = new FilesystemDriver({ rootdirectory: join(directory, 'file') });
    await expect(wrong.check()).rejects.toMatchObject({ kind: 'invalid-path' });
  });

  it.skipIf(!existsSync('/dev/full'))(
    'fails as full if there is no space, and stops the source',
    async () => {
      const handle = await open('/dev/full', 'w');
      let sent = 0;
      let stopped = false;
      async function* source(): AsyncGenerator<Uint8Array> {
        const chunk = someBytes(65_536);
        try {
          while (sent < 64 * mebibyte) {
            sent += chunk.byteLength;
            yield chunk;
          }
        } finally {
          stopped = true;
        }
      }
      const error: unknown = await writeSource(handle, 0, source(), undefined).catch(
        (fault: unknown) => fault,
      );
      await handle.close();
      expect(writeError(error, 'a')).toMatchObject({ kind: 'full', key: 'a', cause: { code: 'ENOSPC' } });
      expect(stopped).toBe(true);
      expect(sent).toBeLessThan(8 * mebibyte);
    },
  );

  it.each([
    ['EACCES', 'denied'],
    ['EPERM', 'denied'],
    ['EROFS', 'read-only'],
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EMFILE', 'throttled'],
    ['EIO', 'unavailable'],
    ['ESTALE', 'unavailable'],
    ['EXDEV', 'unavailable'],
    ['ENOENT', 'absent'],
    ['ENAMETOOLONG', 'invalid-path'],
  ])('classifies %s as %s', (code, kind) => {
    const error = Object.assign(new Error(code), { code });
    expect(readError(error, 'a')).toMatchObject({ kind, key: 'a', cause: error });
    expect(writeError(error, 'a')).toMatchObject({ kind, key: 'a', cause: error });
  });
});

describe('FilesystemDriver and memory', () => {
  it('reads a source no faster than it writes', async () => {
    let produced = 0;
    let furthest = 0;
    const path = join(root, 'uploads/1');
    async function* source(): AsyncGenerator<Uint8Array> {
      const chunk = someBytes(65_536);
      while (produced < 48 * mebibyte) {
        produced += chunk.byteLength;
        if (existsSync(path)) furthest = Math.max(furthest, produced - statSync(path).size);
        yield chunk;
      }
    }
    await driver.append(begun('uploads/1'), source());
    expect(furthest).toBeGreaterThan(0);
    expect(furthest).toBeLessThanOrEqual(3 * mebibyte);
  });
});

describe('FilesystemDriver and files of dead processes', () => {
  it('lists no unfinished file, and its check removes only old ones', async () => {
    const [old, young] = ['old', 'young'].map((name) => join(root, '~unfinished', name));
    if (old === undefined || young === undefined) throw new Error('unreachable');
    mkdirSync(join(root, '~unfinished'));
    writeFileSync(old, 'x');
    writeFileSync(young, 'x');
    utimesSync(old, new Date(0), new Date(0));
    expect(await bytesOf(objectsOf())).toHaveLength(0);
    await driver.check();
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });
});
