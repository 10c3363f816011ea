import { Readable } from 'node:stream';
import { objectKey, type ObjectKey, StorageError } from '@longshore/storage';
import { FaultyDriver, MemoryDriver } from '@longshore/storage/testing';
import { describe, expect, it } from 'vitest';
import { FallbackDriver } from './fallback-driver.ts';

const old = objectKey('a/old');
const both = objectKey('b/both');
const fresh = objectKey('c/fresh');
const none = objectKey('d/none');

async function stores() {
  const [first, second] = [new FaultyDriver(new MemoryDriver()), new FaultyDriver(new MemoryDriver())];
  await second.put(old, Buffer.from('old'));
  await second.put(both, Buffer.from('before'));
  await first.put(both, Buffer.from('after'));
  await first.put(fresh, Buffer.from('fresh'));
  return { first, second, driver: new FallbackDriver(first, second) };
}

const textAt = async (driver: FallbackDriver, key: ObjectKey): Promise<string> =>
  Buffer.concat(await (await driver.read(key)).toArray()).toString();

describe('FallbackDriver', () => {
  it('reads from the first store, and from the second if the first does not have the object', async () => {
    const { driver } = await stores();
    expect(await Promise.all([old, both, fresh].map((key) => textAt(driver, key)))).toEqual([
      'old',
      'after',
      'fresh',
    ]);
    await expect(driver.read(none)).rejects.toMatchObject({ kind: 'absent' });
    expect((await driver.stat(old)).size).toBe(3);
  });

  it('does not treat a failing store as an empty one', async () => {
    const { driver, first } = await stores();
    first.failAll('read', new StorageError('unavailable', { driver: 'inmemory' }));
    await expect(driver.read(old)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('writes to the first store only', async () => {
    const { driver, first, second } = await stores();
    const upload = { key: none, offset: 0, state: null };
    const appended = await driver.append(upload, Readable.from([Buffer.from('x')]));
    await driver.commit({ key: none, ...appended }, none);
    expect((await first.stat(none)).size).toBe(1);
    await expect(second.stat(none)).rejects.toMatchObject({ kind: 'absent' });
  });

  it('deletes from both, and reports failures of either', async () => {
    const { driver, first, second } = await stores();
    const error = new StorageError('denied', { driver: 'inmemory', key: both });
    second.delete = async (keys) => ({
      gone: keys.filter((key) => key !== both),
      failed: [{ key: both, error }],
    });
    expect(await driver.delete([old, both, fresh])).toEqual({
      gone: [old, fresh],
      failed: [{ key: both, error }],
    });
    await expect(first.stat(fresh)).rejects.toMatchObject({ kind: 'absent' });
  });

  it('lists both in one order, without duplicates', async () => {
    const { driver } = await stores();
    const keys = async (prefix: string, startAfter?: string): Promise<string[]> => {
      const found = [];
      for await (const { key } of driver.list(prefix, { startAfter })) found.push(key);
      return found;
    };
    expect(await keys('')).toEqual([old, both, fresh]);
    expect(await keys('', old)).toEqual([both, fresh]);
    expect(await keys('a')).toEqual([old]);
  });
});
