import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { objectKey } from '@longshore/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createStorageDriver } from './create-storage-driver.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'create-'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('createStorageDriver', () => {
  it('creates the filesystem driver, which reports its actions', async () => {
    const seen: string[] = [];
    const parameters = { rootdirectory: join(directory, 'store'), maxthreads: 25 };
    const driver = await createStorageDriver(
      { filesystem: parameters },
      { observe: (action) => (seconds, outcome) => seen.push(`${action} ${outcome} ${seconds >= 0}`) },
    );
    await driver.check();
    expect(driver.name).toBe('filesystem');
    expect(seen).toEqual(['check ok true']);
  });

  it('creates the memory driver', async () => {
    const driver = await createStorageDriver({ inmemory: null });
    await driver.put(objectKey('a'), Buffer.from('x'));
    expect(await driver.stat(objectKey('a'))).toMatchObject({ size: 1 });
  });

  it('names every wrong parameter', async () => {
    const parameters = { rootdirectory: '', maxthreads: 'many', bucket: 'b' };
    await expect(createStorageDriver({ filesystem: parameters })).rejects.toThrow(
      /storage\.filesystem\.rootdirectory.*storage\.filesystem\.maxthreads.*bucket/s,
    );
  });

  it('requires exactly one driver', async () => {
    await expect(createStorageDriver({})).rejects.toThrow('exactly one driver, not none');
    await expect(createStorageDriver({ inmemory: {}, filesystem: {} })).rejects.toThrow(
      'inmemory, filesystem',
    );
  });

  it('rejects an unknown driver', async () => {
    await expect(createStorageDriver({ '@nobody/has-this': {} })).rejects.toThrow(
      'there is no storage driver "@nobody/has-this"',
    );
  });

  it('names the wrong parameters of Swift, and no secret', async () => {
    const parameters = { authurl: 'https://keystone/v3', password: 'hidden', container: 'c' };
    const creating = createStorageDriver({ swift: parameters });
    await expect(creating).rejects.toThrow('storage.swift.username: is needed, or an application credential');
    await expect(creating).rejects.not.toThrow('hidden');
  });

  it('distinguishes a missing driver from one that cannot be loaded', async () => {
    const path = join(directory, 'broken.mjs');
    writeFileSync(path, "import '@nobody/has-this';");
    await expect(createStorageDriver({ [path]: {} })).rejects.toThrow(/broken.mjs" cannot be loaded/);
    await expect(createStorageDriver({ [`${path}.not`]: {} })).rejects.toThrow('there is no storage driver');
    writeFileSync(join(directory, 'thrower.mjs'), "throw new Error('no licence');");
    await expect(createStorageDriver({ [join(directory, 'thrower.mjs')]: {} })).rejects.toThrow('no licence');
  });

  it('loads a third-party driver from a file, with its parameters', async () => {
    const memory = pathToFileURL(
      join(import.meta.dirname, '../../storage/src/drivers/memory/memory-driver.ts'),
    ).href;
    const path = join(directory, 'driver.mjs');
    writeFileSync(
      path,
      `import { MemoryDriver } from ${JSON.stringify(memory)};
       export const createDriver = ({ like }) => new MemoryDriver({ like });`,
    );
    const driver = await createStorageDriver({ [path]: { like: 'object' } });
    expect(driver.capabilities.renames).toBe(false);
  });

  it('refuses a module that is not a driver', async () => {
    const [nothing, wrong] = ['nothing.mjs', 'wrong.mjs'].map((name) => join(directory, name));
    if (nothing === undefined || wrong === undefined) throw new Error('unreachable');
    writeFileSync(nothing, 'export const other = 1;');
    writeFileSync(wrong, 'export const createDriver = () => ({});');
    await expect(createStorageDriver({ [nothing]: {} })).rejects.toThrow(
      'does not export a function createDriver',
    );
    await expect(createStorageDriver({ [wrong]: {} })).rejects.toThrow('returned no StorageDriver');
  });

  it('refuses a driver of another version of the Storage API, and names the version', async () => {
    const path = join(directory, 'newer.mjs');
    writeFileSync(path, `export const createDriver = () => ({ [Symbol.for('@longshore/storage/api')]: 7 });`);
    await expect(createStorageDriver({ [path]: {} })).rejects.toThrow(
      'speaks version 7 of the Storage API, this registry version 1',
    );
  });

  it('looks for a package from the working directory', async () => {
    const home = join(directory, 'home');
    const memory = pathToFileURL(
      join(import.meta.dirname, '../../storage/src/drivers/memory/memory-driver.ts'),
    ).href;
    const folder = join(home, 'node_modules/@acme/driver');
    mkdirSync(folder, { recursive: true });
    const manifest = { name: '@acme/driver', type: 'module', exports: { import: './driver.js' } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(
      join(folder, 'driver.js'),
      `import { MemoryDriver } from ${JSON.stringify(memory)};
       export const createDriver = () => new MemoryDriver({ like: 'file' });`,
    );
    vi.spyOn(process, 'cwd').mockReturnValue(home);
    const driver = await createStorageDriver({ '@acme/driver': {} });
    expect(driver.capabilities.renames).toBe(true);
  });
});
