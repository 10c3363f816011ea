import { afterAll, describe, expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { compositeSteps, steps, type Step } from './steps.ts';

const arena = await Arena.open();
afterAll(() => arena.close());

const interrupting = Object.entries({ ...steps, ...compositeSteps });

/** More statements than any step sends. Catches a step that loops for ever. */
const most = 100;

type Named = readonly [name: string, step: Step];

async function interleaveEverywhere([first, one]: Named, [second, two]: Named): Promise<number> {
  for (let n = 1; n < most; n += 1) {
    const where = `${second} before statement ${n} of ${first}`;
    const ran = await arena.interleave(one, two, n).catch((cause: unknown) => {
      throw new Error(`${where}: ${String(cause)}`, { cause });
    });
    if (!ran) return n - 1;
  }
  throw new Error(`${first} does not end`);
}

describe('a protocol step that another one interrupts at any of its statements', { timeout: 600_000 }, () => {
  it.each(Object.entries(steps))(
    '%s, interrupted by each step, keeps references whole and answers true',
    async (...first) => {
      for (const second of interrupting) {
        expect(await interleaveEverywhere(first, second)).toBeGreaterThan(0);
      }
    },
  );

  it('never lets Postgres break a deadlock', async () => {
    expect(await arena.deadlocks()).toBe(0);
  });
});
