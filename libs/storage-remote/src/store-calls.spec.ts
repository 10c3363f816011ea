import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError, type StorageErrorKind } from '@longshore/storage';
import { describe, expect, it, vi } from 'vitest';
import { type CallPolicy, StoreCalls, usualPolicy } from './store-calls.ts';

const failure = (kind: StorageErrorKind, retryAfterSeconds?: number): StorageError =>
  new StorageError(kind, { driver: 'test', retryAfterSeconds });

const callsWith = (policy: Partial<CallPolicy> = {}): StoreCalls =>
  new StoreCalls({ ...usualPolicy, firstDelay: 1, longestDelay: 4, ...policy }, (error, key) =>
    error instanceof TypeError ? failure('absent') : new StorageError('unavailable', { driver: 'test', key }),
  );

/** Fails with each of these failures in turn, then succeeds. */
function failing(...failures: readonly unknown[]): () => Promise<number> {
  let call = 0;
  return () => (call < failures.length ? Promise.reject(failures[call++]) : Promise.resolve(++call));
}

describe('StoreCalls', () => {
  it('retries a temporary failure, and returns the answer', async () => {
    const call = vi.fn<() => Promise<number>>(failing(new Error('reset'), failure('throttled')));
    await expect(callsWith().run({}, call)).resolves.toBe(3);
    expect(call).toHaveBeenCalledTimes(3);
  });

  it.each(['absent', 'denied', 'corrupt', 'invalid-path', 'invalid-range', 'full'] as const)(
    'does not retry a failure that is permanent: %s',
    async (kind) => {
      const call = vi.fn<() => Promise<number>>(failing(failure(kind)));
      await expect(callsWith().run({}, call)).rejects.toMatchObject({ kind });
      expect(call).toHaveBeenCalledTimes(1);
    },
  );

  it('rejects with a StorageError of the last failure when no attempt is left', async () => {
    const call = vi.fn<() => Promise<number>>(
      failing(...Array.from({ length: 9 }, () => new Error('reset'))),
    );
    const running = callsWith({ retries: 2 }).run({ key: 'a' }, call);
    await expect(running).rejects.toMatchObject({ name: 'StorageError', kind: 'unavailable', key: 'a' });
    expect(call).toHaveBeenCalledTimes(3);
  });

  it('begins no attempt after its budget', async () => {
    const call = vi.fn<() => Promise<number>>(failing(failure('throttled', 30)));
    await expect(callsWith({ budget: 1000 }).run({}, call)).rejects.toMatchObject({ kind: 'throttled' });
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('rejects with the reason of the signal, also while it waits to try again', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = failing(failure('throttled', 10));
    const running = callsWith().run({ signal: controller.signal }, call);
    setTimeout(() => controller.abort(reason), 5);
    await expect(running).rejects.toBe(reason);
  });

  it('limits concurrent calls, and admits them in the order of arrival', async () => {
    const calls = callsWith({ concurrency: 2 });
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const call = async (index: number): Promise<void> => {
      order.push(index);
      inside++;
      most = Math.max(most, inside);
      await sleep(2);
      inside--;
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map((index) => calls.run({}, () => call(index))));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('admits the next waiter when one gives up', async () => {
    const calls = callsWith({ concurrency: 1 });
    const first = Promise.withResolvers<void>();
    const controller = new AbortController();
    const running = calls.run({}, () => first.promise);
    const waiting = calls.run({ signal: controller.signal }, () => Promise.resolve('in'));
    controller.abort(new Error('gave up'));
    await expect(waiting).rejects.toThrow('gave up');
    first.resolve();
    await running;
    await expect(calls.run({}, () => Promise.resolve('next'))).resolves.toBe('next');
  });

  it('spreads calls over the second, after a short burst', async () => {
    const calls = callsWith({ callsPerSecond: 100 });
    const began = performance.now();
    let early = 0;
    const call = async (): Promise<void> => {
      if (performance.now() - began < 20) early++;
    };
    await Promise.all(Array.from({ length: 40 }, () => calls.run({}, call)));
    expect(performance.now() - began).toBeGreaterThan(250);
    expect(early).toBeLessThanOrEqual(15);
  });
});
