import { objectKey, StorageError, type StoreSpace } from '@longshore/storage';
import { FaultyDriver, MemoryDriver } from '@longshore/storage/testing';
import { describe, expect, it } from 'vitest';
import { type StoreWatchHost, watchStore } from './watch-store.ts';

const { signal } = new AbortController();
const failure = (kind: StorageError['kind']): StorageError => new StorageError(kind, { driver: 'inmemory' });

/** Watches a store, and checks it when the test asks for it. */
function watched(driver: FaultyDriver) {
  const spaces: StoreSpace[] = [];
  const host: { look: (signal: AbortSignal) => Promise<void>; mustWrite: () => Promise<void> } = {
    look: () => Promise.reject(new Error('nothing is watched')),
    mustWrite: () => Promise.reject(new Error('nothing is required')),
  };
  const readiness: StoreWatchHost['readiness'] = {
    watch: (_, check) => void (host.look = check),
    require: (_, check) => void (host.mustWrite = check),
    tell: () => undefined,
  };
  const metrics = { storageSpace: (_: string, space: StoreSpace) => void spaces.push(space) };
  watchStore(driver, { readiness, metrics }, { interval: 1000, threshold: 2 });
  return { look: () => host.look(signal), mustWrite: () => host.mustWrite(), spaces };
}

describe('watchStore', () => {
  it('serves pulls from a store that cannot be written, and tells why pushes fail', async () => {
    const driver = new FaultyDriver(new MemoryDriver());
    const watch = watched(driver);
    await watch.look();
    driver.failAll('check', failure('read-only'));
    await watch.look();
    await expect(watch.mustWrite()).resolves.toBeUndefined();
    await watch.look();
    await expect(watch.mustWrite()).rejects.toMatchObject({ kind: 'read-only' });
    driver.heal();
    await watch.look();
    await expect(watch.mustWrite()).resolves.toBeUndefined();
  });

  it('fails for everything when the store cannot be read either', async () => {
    const driver = new FaultyDriver(new MemoryDriver());
    const watch = watched(driver);
    driver.failAll('check', failure('unavailable')).failAll('stat', failure('unavailable'));
    await expect(watch.look()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('leaves nothing behind in the store', async () => {
    const memory = new MemoryDriver();
    const driver = new FaultyDriver(memory).failAll('check', failure('full'));
    await watched(driver).look();
    await expect(memory.stat(objectKey('blobs'))).rejects.toMatchObject({ kind: 'absent' });
  });

  it('reports the free space, if the store knows it', async () => {
    const memory = new MemoryDriver();
    const space = { free: 1, total: 2 };
    memory.space = () => Promise.resolve(space);
    const watch = watched(new FaultyDriver(memory));
    await watch.look();
    expect(watch.spaces).toEqual([space]);
  });
});
