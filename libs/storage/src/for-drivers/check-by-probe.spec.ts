import { describe, expect, it } from 'vitest';
import { StorageError } from '../storage-error.ts';
import { FaultyDriver } from '../testing/faulty-driver.ts';
import { checkByProbe } from './check-by-probe.ts';
import { MemoryDriver } from '../drivers/memory/memory-driver.ts';

const error = new StorageError('denied', { driver: 'inmemory' });

async function leftIn(driver: FaultyDriver): Promise<string[]> {
  driver.heal();
  const keys = [];
  for await (const { key } of driver.list('')) keys.push(key);
  return keys;
}

describe('checkByProbe', () => {
  it.each(['memory', 'file', 'object'] as const)('takes a probe through a %s store', async (like) => {
    const driver = new FaultyDriver(new MemoryDriver({ like }));
    await checkByProbe(driver, undefined);
    const calls = (['append', 'commit', 'read', 'delete'] as const).map((method) => driver.calls(method));
    expect(calls).toEqual([1, 1, 1, 1]);
    expect(await leftIn(driver)).toEqual([]);
  });

  it.each(['append', 'commit', 'read'] as const)(
    'reports a failing %s, and leaves nothing in the store',
    async (method) => {
      const driver = new FaultyDriver(new MemoryDriver()).failNth(method, 1, error);
      await expect(checkByProbe(driver, undefined)).rejects.toBe(error);
      expect(await leftIn(driver)).toEqual([]);
    },
  );

  it('fails if the probe cannot be deleted', async () => {
    const driver = new FaultyDriver(new MemoryDriver()).failNth('delete', 1, error);
    await expect(checkByProbe(driver, undefined)).rejects.toBe(error);
  });

  it('reports the first failure if the deletion fails as well', async () => {
    const second = new StorageError('unavailable', { driver: 'inmemory' });
    const driver = new FaultyDriver(new MemoryDriver())
      .failNth('commit', 1, error)
      .failNth('delete', 1, second);
    await expect(checkByProbe(driver, undefined)).rejects.toBe(error);
  });

  it('says corrupt if the store reads other bytes than were written', async () => {
    const driver = new FaultyDriver(new MemoryDriver()).onNth('read', 1, { kind: 'truncate', bytes: 5 });
    await expect(checkByProbe(driver, undefined)).rejects.toMatchObject({ kind: 'corrupt' });
    expect(await leftIn(driver)).toEqual([]);
  });
});
