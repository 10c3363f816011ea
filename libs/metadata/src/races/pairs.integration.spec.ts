import { afterAll, describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { steps } from './steps.ts';

const arena = await Arena.open();
afterAll(() => arena.close());

const names = Object.keys(steps);

/** More statements than any step has, a step that loops for ever included. */
const most = 100;

async function interleaveEverywhere(first: string, second: string): Promise<number> {
  const [one, two] = [steps[first], steps[second]];
  if (one === undefined || two === undefined) throw new Error('no such step');
  for (let n = 1; n < most; n += 1) {
    const where = `${second} before statement ${n} of ${first}`;
    // oxlint-disable-next-line no-await-in-loop -- all share one world
    const ran = await arena.interleave(one, two, n).catch((cause: unknown) => {
      throw new Error(`${where}: ${String(cause)}`, { cause });
    });
    if (!ran) return n - 1;
  }
  throw new Error(`${first} does not end`);
}

describe('a protocol step that another one interrupts at any of its statements', () => {
  it.each(names)('%s, interrupted by each step, keeps references whole and answers true', async (first) => {
    for (const second of names) {
      // oxlint-disable-next-line no-await-in-loop -- all share one world
      expect(await interleaveEverywhere(first, second)).toBeGreaterThan(0);
    }
  });

  it('never lets Postgres break a deadlock', async () => {
    expect(await arena.deadlocks()).toBe(0);
  });
});
