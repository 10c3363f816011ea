import { expect, describe, it } from 'vitest';
import { runLoop, type StepOutcome } from './run-loop.ts';

/** Returns the given outcomes in turn, then stops the loop. */
function playing(outcomes: readonly (StepOutcome | Error)[]) {
  const stop = new AbortController();
  const queue = [...outcomes];
  const step = async (): Promise<StepOutcome> => {
    const next = queue.shift();
    if (queue.length === 0) stop.abort();
    if (next instanceof Error) throw next;
    return next ?? 'idle';
  };
  return { step, signal: stop.signal, left: () => queue.length };
}

describe('runLoop', () => {
  it('runs again at once while there is work', async () => {
    const script = playing(['worked', 'worked', 'worked', 'worked']);
    const began = performance.now();
    await runLoop({ ...script, interval: 10_000, failed: () => undefined });
    expect(script.left()).toBe(0);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('continues after a failed step, and reports it', async () => {
    const faults: unknown[] = [];
    const script = playing([new Error('the database is away'), 'idle', 'worked']);
    await runLoop({ ...script, interval: 1, failed: (fault) => faults.push(fault), jitter: () => 0 });
    expect(script.left()).toBe(0);
    expect(faults).toEqual([new Error('the database is away')]);
  });

  it('rests after failures no longer than it is told', async () => {
    const script = playing([...Array.from({ length: 20 }, () => new Error('away')), 'idle']);
    const began = performance.now();
    await runLoop({ ...script, interval: 1, longest: 2, failed: () => undefined });
    expect(script.left()).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('stops during a rest', async () => {
    const stop = new AbortController();
    const loop = runLoop({
      step: async () => {
        setTimeout(() => stop.abort(), 5);
        return 'idle';
      },
      interval: 60_000,
      signal: stop.signal,
      failed: () => undefined,
    });
    await expect(loop).resolves.toBeUndefined();
  });
});
