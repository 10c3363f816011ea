import { describe, expect, it } from 'vitest';
import type { Standing } from './login-limits.ts';
import { WorkLanes } from './work-lanes.ts';

function lanes() {
  let now = 1_000_000;
  const waiting = new WorkLanes<string>(100, { now: () => now });
  return {
    waiting,
    pass: (milliseconds: number) => (now += milliseconds),
    push: (standing: Standing, ...items: string[]) => {
      for (const item of items) waiting.push(item, { standing, flows: [item] });
    },
    /** Serves what may be served for a time, each item 90 ms of failed work, on a core of its own. @returns how many */
    serve: (milliseconds: number, more?: () => void): number => {
      let served = 0;
      for (const end = now + milliseconds; now < end;) {
        more?.();
        const item = waiting.shift();
        now += item === undefined ? 1 : 90;
        if (item === undefined) continue;
        waiting.worked('stranger', 90);
        served += 1;
      }
      return served;
    },
  };
}

describe('WorkLanes', () => {
  it('serves known clients first, then neighbours, then strangers', () => {
    const { waiting, push } = lanes();
    push('stranger', 's');
    push('neighbour', 'n');
    push('known', 'k');
    expect([waiting.shift(), waiting.shift(), waiting.shift(), waiting.shift()]).toEqual([
      'k',
      'n',
      's',
      undefined,
    ]);
  });

  it('lets the failures of strangers take four seconds at once, then a tenth of a core', () => {
    const { push, serve } = lanes();
    let name = 0;
    const flood = (): void => push('stranger', `x${name++}`);
    expect(serve(10_000, flood)).toBeLessThanOrEqual(56);
    const later = serve(60_000, flood);
    expect(later).toBeGreaterThanOrEqual(66);
    expect(later).toBeLessThanOrEqual(67);
  });

  it('goes on with the others while strangers wait, and tells when they may go on', () => {
    const { waiting, pass, push } = lanes();
    waiting.worked('stranger', 4_100);
    push('stranger', 's');
    const wait = waiting.wait ?? Number.NaN;
    expect(wait).toBeGreaterThan(1_000);
    expect(wait).toBeLessThanOrEqual(1_010);
    expect(waiting.shift()).toBeUndefined();
    push('neighbour', 'n');
    push('known', 'k');
    expect(waiting.wait).toBe(0);
    expect([waiting.shift(), waiting.shift(), waiting.shift()]).toEqual(['k', 'n', undefined]);
    pass(wait);
    expect(waiting.shift()).toBe('s');
    expect(waiting.wait).toBeUndefined();
  });

  it('does not count the failures of known clients, which have a limit of their own', () => {
    const { waiting, push } = lanes();
    waiting.worked('known', 60_000);
    push('known', 'k');
    expect(waiting.shift()).toBe('k');
  });
});
