import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MemoryDriver } from './drivers/memory/memory-driver.ts';
import { InstrumentedDriver } from './instrumented-driver.ts';
import { objectKey } from './object-key.ts';
import { StorageError } from './storage-error.ts';
import { bytesOf, failingAfter, silentAfter, someBytes } from './testing/bytes.ts';
import { FaultyDriver } from './testing/faulty-driver.ts';

const key = objectKey('a/b');
const upload = { key, offset: 0, state: null };

function observed(): { driver: InstrumentedDriver; store: FaultyDriver; outcomes: () => string[] } {
  const seen: string[] = [];
  const store = new FaultyDriver(new MemoryDriver());
  const driver = new InstrumentedDriver(store, (action) => (_, outcome) => seen.push(`${action} ${outcome}`));
  return { driver, store, outcomes: () => seen };
}

describe('InstrumentedDriver', () => {
  it('reports the outcome of each action', async () => {
    const { driver, store, outcomes } = observed();
    await expect(driver.stat(key)).rejects.toMatchObject({ kind: 'absent' });
    await driver.put(key, someBytes(10));
    await driver.append({ ...upload, key: objectKey('u') }, failingAfter(someBytes(10), new Error('gone')));
    store.failNth('commit', 1, new StorageError('throttled', { driver: 'x', retryAfterSeconds: 7 }));
    await expect(driver.commit(upload, key)).rejects.toMatchObject({
      kind: 'throttled',
      retryAfterSeconds: 7,
    });
    for await (const { size } of driver.list('a')) expect(size).toBe(10);
    await driver.delete([key]);
    expect(outcomes()).toEqual([
      'stat absent',
      'put ok',
      'append interrupted',
      'commit throttled',
      'list ok',
      'delete ok',
    ]);
  });

  it("distinguishes the caller's abort from the store's failure", async () => {
    const { driver, outcomes } = observed();
    const reason = new Error('lease lost');
    const signal = AbortSignal.abort(reason);
    await expect(driver.append(upload, silentAfter(someBytes(10)), { signal })).rejects.toBe(reason);
    await expect(driver.read(key, { signal })).rejects.toBe(reason);
    expect(outcomes()).toEqual(['append aborted', 'read aborted']);
  });

  it('reports a read when its stream ends, with the outcome of the stream', async () => {
    const { driver, store, outcomes } = observed();
    await driver.put(key, someBytes(300_000));
    const whole = await driver.read(key);
    expect(outcomes()).toEqual(['put ok']);
    await bytesOf(whole);
    const error = new StorageError('unavailable', { driver: 'x' });
    store.onNth('read', 1, { kind: 'break', error, bytes: 10 });
    await expect(driver.read(key).then(bytesOf)).rejects.toBe(error);
    const left = await driver.read(key);
    left.destroy();
    await once(left, 'close');
    // `pipeline` destroys the stream with the consumer's error, which is not a fault of the store.
    const broken = await driver.read(key);
    broken.on('error', () => undefined).destroy(new Error('the client went away'));
    await new Promise((resolve) => broken.once('close', resolve));
    await expect(driver.read(objectKey('absent'))).rejects.toMatchObject({ kind: 'absent' });
    expect(outcomes().slice(1)).toEqual([
      'read ok',
      'read unavailable',
      'read aborted',
      'read aborted',
      'read absent',
    ]);
  });

  it('turns any other error of a driver into a StorageError', async () => {
    class Careless extends MemoryDriver {
      override stat(): Promise<never> {
        return Promise.reject(new TypeError('undefined is not a function'));
      }
    }
    const driver = new InstrumentedDriver(new Careless());
    await expect(driver.stat(key)).rejects.toMatchObject({
      name: 'StorageError',
      kind: 'unavailable',
      cause: expect.any(TypeError),
    });
  });
});
