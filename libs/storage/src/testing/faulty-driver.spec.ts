import { describe, expect, it } from 'vitest';
import { MemoryDriver } from '../drivers/memory/memory-driver.ts';
import { objectKey } from '../object-key.ts';
import { StorageError } from '../storage-error.ts';
import { bytesOf, inChunks, someBytes } from './bytes.ts';
import { FaultyDriver } from './faulty-driver.ts';
import { describeStorageDriver } from './storage-driver.contract.ts';
import { InstrumentedDriver } from '../instrumented-driver.ts';

const key = objectKey('a');
const error = new StorageError('unavailable', { driver: 'inmemory' });
const bytes = someBytes(200_000);

async function faulty(): Promise<FaultyDriver> {
  const driver = new FaultyDriver(new MemoryDriver());
  await driver.put(key, bytes);
  return driver;
}

describeStorageDriver('inmemory, behind a FaultyDriver', async () => {
  const store = new FaultyDriver(new MemoryDriver());
  const driver = new InstrumentedDriver(store);
  const breakAppend = (): (() => void) => {
    store.onNth('append', 1, { kind: 'break', error, bytes: 1_000_000 });
    return () => store.heal();
  };
  return { driver, other: driver, isMemory: true, breakAppend };
});

describe('FaultyDriver', () => {
  it('fails the nth call and no other, and counts calls', async () => {
    const driver = (await faulty()).failNth('stat', 2, error);
    await driver.stat(key);
    await expect(driver.stat(key)).rejects.toBe(error);
    await driver.stat(key);
    expect(driver.calls('stat')).toBe(3);
  });

  it('fails until it is healed', async () => {
    const driver = (await faulty()).failAll('stat', error);
    await expect(driver.stat(key)).rejects.toBe(error);
    await expect(driver.stat(key)).rejects.toBe(error);
    driver.heal();
    await expect(driver.stat(key)).resolves.toMatchObject({ size: bytes.byteLength });
  });

  it('loses the answer of a call that it has carried out', async () => {
    const driver = (await faulty()).onNth('delete', 1, { kind: 'fail', error, when: 'after' });
    await expect(driver.delete([key])).rejects.toBe(error);
    await expect(driver.stat(key)).rejects.toMatchObject({ kind: 'absent' });
  });

  it('stalls until it is released, or the signal ends the wait', async () => {
    const driver = (await faulty()).onNth('stat', 1, { kind: 'stall' }, 2);
    const first = driver.stat(key);
    const controller = new AbortController();
    const second = driver.stat(key, { signal: controller.signal });
    controller.abort(new Error('deadline'));
    await expect(second).rejects.toThrow('deadline');
    driver.release();
    await expect(first).resolves.toMatchObject({ key });
  });

  it('stalls a read midway, and gives the rest afterwards', async () => {
    const driver = (await faulty()).onNth('read', 1, { kind: 'stall', afterBytes: 70_000 });
    const stream = await driver.read(key);
    setTimeout(() => driver.release(), 20);
    expect((await bytesOf(stream)).equals(bytes)).toBe(true);
  });

  it('ends a read too early, without an error', async () => {
    const driver = (await faulty()).onNth('read', 1, { kind: 'truncate', bytes: 1234 });
    expect((await bytesOf(await driver.read(key))).equals(bytes.subarray(0, 1234))).toBe(true);
    expect(await bytesOf(await driver.read(key))).toHaveLength(bytes.byteLength);
  });

  it('breaks a read, and an append as a failure of the store', async () => {
    const driver = (await faulty()).onNth('read', 1, { kind: 'break', error, bytes: 10 });
    await expect(driver.read(key).then(bytesOf)).rejects.toBe(error);
    driver.onNth('append', 1, { kind: 'break', error, bytes: 10 });
    const upload = { key: objectKey('u'), offset: 0, state: null };
    await expect(driver.append(upload, inChunks(bytes))).rejects.toBe(error);
    expect(await driver.append(upload, inChunks(bytes))).toMatchObject({ offset: bytes.byteLength });
  });

  it('lies about a length', async () => {
    const driver = (await faulty()).onNth('stat', 1, { kind: 'lie', bytes: -5 });
    expect((await driver.stat(key)).size).toBe(bytes.byteLength - 5);
    expect((await driver.stat(key)).size).toBe(bytes.byteLength);
  });
});
