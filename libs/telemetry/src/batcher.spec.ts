import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { Batcher, BatcherFullError, Failed, type Batch, type BatcherOptions } from './batcher.ts';

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
const double = async (keys: readonly number[]) => keys.map((key) => key * 2);

function recording(options: Partial<BatcherOptions<number, number>> = {}) {
  const batches: (readonly number[])[] = [];
  const run = options.run ?? double;
  const batcher = new Batcher<number, number>({
    maximumKeys: 100,
    inFlight: 1,
    ...options,
    run: (keys, batch) => {
      batches.push(keys);
      return run(keys, batch);
    },
  });
  return { batcher, batches };
}

/** A run that ends on request. */
function held() {
  const releases: (() => void)[] = [];
  const run = (keys: readonly number[]) =>
    new Promise<readonly number[]>(
      (resolve) => void releases.push(() => resolve(keys.map((key) => key * 2))),
    );
  return { run, releases };
}

describe('Batcher', () => {
  it('answers the keys of one turn with one batch, each with its own value', async () => {
    const { batcher, batches } = recording();
    expect(await Promise.all([1, 2, 3].map((key) => batcher.get(key)))).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('gathers keys that callbacks of the same turn ask for between their microtasks', async () => {
    const { batcher, batches } = recording();
    const answers: Promise<number>[] = [];
    await new Promise<void>((resolve) => {
      // Uses immediates of one turn, since timers of equal length may fire in two turns.
      for (const key of [1, 2, 3]) setImmediate(() => void answers.push(batcher.get(key)));
      setImmediate(resolve);
    });
    await Promise.all(answers);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('sends a batch of one when idle', async () => {
    const { batcher, batches } = recording();
    await batcher.get(1);
    await batcher.get(2);
    expect(batches).toEqual([[1], [2]]);
  });

  it('bounds a batch in keys', async () => {
    const { batcher, batches } = recording({ maximumKeys: 2, inFlight: 2 });
    await Promise.all([1, 2, 3, 4, 5].map((key) => batcher.get(key)));
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('bounds a batch in bytes and lets a large key travel alone', async () => {
    const { batcher, batches } = recording({ maximumBytes: 10, sizeOf: (key) => key, inFlight: 9 });
    await Promise.all([4, 6, 1, 50, 2].map((key) => batcher.get(key)));
    expect(batches).toEqual([[4, 6], [1], [50], [2]]);
  });

  it('runs no more batches at once than allowed and gathers the rest', async () => {
    const { run, releases } = held();
    const { batcher, batches } = recording({ run });
    const first = batcher.get(1);
    await turn();
    const later = [batcher.get(2), batcher.get(3)];
    await turn();
    expect(batches).toEqual([[1]]);
    releases[0]?.();
    expect(await first).toBe(2);
    await turn();
    expect(batches).toEqual([[1], [2, 3]]);
    releases[1]?.();
    expect(await Promise.all(later)).toEqual([4, 6]);
  });

  it('gives each key its own error', async () => {
    const odd = new Error('odd');
    const { batcher } = recording({
      run: async (keys) => keys.map((key) => (key % 2 ? new Failed(odd) : key)),
    });
    const [one, two] = await Promise.allSettled([batcher.get(1), batcher.get(2)]);
    expect(one).toEqual({ status: 'rejected', reason: odd });
    expect(two).toEqual({ status: 'fulfilled', value: 2 });
  });

  it('fails every key when the batch fails, and continues', async () => {
    let calls = 0;
    const { batcher } = recording({
      run: async (keys) => {
        if (calls++ === 0) throw new Error('down');
        return keys;
      },
    });
    const settled = await Promise.allSettled([batcher.get(1), batcher.get(2)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await batcher.get(3)).toBe(3);
  });

  it('fails keys that were not answered', async () => {
    const { batcher } = recording({ run: async () => [1] });
    await expect(Promise.all([batcher.get(1), batcher.get(2)])).rejects.toThrow('2 keys has 1 answers');
  });

  it('answers a key early while a neighbour is slow', async () => {
    const neighbour = Promise.withResolvers<void>();
    const { batcher } = recording({
      run: async (_keys, batch: Batch<number>) => {
        batch.settle(0, 10);
        await neighbour.promise;
        batch.settle(1, 20);
      },
    });
    const fast = batcher.get(1);
    const slow = batcher.get(2);
    expect(await fast).toBe(10);
    neighbour.resolve();
    expect(await slow).toBe(20);
  });

  it('rejects an aborted key with its reason and does not send it', async () => {
    const { batcher, batches } = recording();
    const controller = new AbortController();
    const gone = batcher.get(1, { signal: controller.signal });
    const stays = batcher.get(2);
    controller.abort(new Error('client left'));
    await expect(gone).rejects.toThrow('client left');
    expect(await stays).toBe(4);
    expect(batches).toEqual([[2]]);
    await expect(batcher.get(3, { signal: controller.signal })).rejects.toThrow('client left');
  });

  it('lets a key time out alone while its batch runs', async () => {
    const { run, releases } = held();
    const { batcher } = recording({ run });
    const impatient = batcher.get(1, { deadlineMs: 5 });
    const patient = batcher.get(2, { deadlineMs: 60_000 });
    await expect(impatient).rejects.toMatchObject({ name: 'TimeoutError' });
    releases[0]?.();
    expect(await patient).toBe(4);
  });

  it('aborts a running batch once nobody waits for it', async () => {
    const aborted: boolean[] = [];
    const { batcher } = recording({
      run: (_keys, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(true);
            reject(new Error('stopped'));
          });
        }),
    });
    const controllers = [new AbortController(), new AbortController()];
    const answers = controllers.map(({ signal }, key) => batcher.get(key, { signal }));
    const settled = Promise.allSettled(answers);
    await turn();
    controllers[0]?.abort();
    expect(aborted).toEqual([]);
    controllers[1]?.abort();
    expect(aborted).toEqual([true]);
    await settled;
  });

  it('refuses keys beyond the bound on waiting ones', async () => {
    const { run, releases } = held();
    const { batcher } = recording({ run, maximumWaiting: 1 });
    const first = batcher.get(1);
    await turn();
    const second = batcher.get(2);
    await expect(batcher.get(3)).rejects.toBeInstanceOf(BatcherFullError);
    releases[0]?.();
    await first;
    await turn();
    releases[1]?.();
    expect(await second).toBe(4);
    expect(batcher.waiting).toBe(0);
  });

  it('runs outside the async context of the keys', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const { batcher } = recording({
      run: async (keys) => {
        seen.push(storage.getStore());
        return keys;
      },
    });
    const kept = await storage.run('mine', async () => {
      await batcher.get(1);
      return storage.getStore();
    });
    expect(seen).toEqual([undefined]);
    expect(kept).toBe('mine');
  });

  it('keeps no key that was abandoned while it waited', async () => {
    const { run, releases } = held();
    const { batcher, batches } = recording({ run });
    const first = batcher.get(0);
    await turn();
    const controller = new AbortController();
    const abandoned = Promise.allSettled(
      Array.from({ length: 3000 }, (_, key) => batcher.get(key, { signal: controller.signal })),
    );
    controller.abort();
    await abandoned;
    expect(batcher.waiting).toBe(0);
    const last = batcher.get(7);
    releases[0]?.();
    await first;
    await turn();
    releases[1]?.();
    expect(await last).toBe(14);
    expect(batches).toEqual([[0], [7]]);
  });
});
