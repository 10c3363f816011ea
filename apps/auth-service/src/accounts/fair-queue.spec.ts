import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const drain = <T>(queue: FairQueue<T>): T[] => {
  const items: T[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
};

describe('FairQueue', () => {
  it('serves a new flow before the many items of another', () => {
    const queue = new FairQueue<string>(10);
    for (const item of ['a1', 'a2', 'a3', 'a4']) queue.push(item, ['a']);
    expect(queue.shift()).toBe('a1');
    queue.push('b1', ['b']);
    queue.push('b2', ['b']);
    expect(drain(queue)).toEqual(['b1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('counts an item for each of its flows', () => {
    const queue = new FairQueue<string>(10);
    queue.push('1', ['address', 'ann']);
    queue.push('2', ['address', 'bob']);
    queue.push('3', ['elsewhere', 'bob']);
    queue.push('4', ['afar', 'cid']);
    expect(drain(queue)).toEqual(['1', '4', '2', '3']);
  });

  it('drops the last item of the largest flow when it is full, and does not penalise the flow later', () => {
    const queue = new FairQueue<string>(3);
    for (const item of ['a1', 'a2', 'a3']) expect(queue.push(item, ['a'])).toBeUndefined();
    expect(queue.push('a4', ['a'])).toBe('a4');
    expect(queue.push('b1', ['b'])).toBe('a3');
    expect(drain(queue)).toEqual(['a1', 'b1', 'a2']);
    queue.push('a5', ['a']);
    queue.push('c1', ['c']);
    queue.push('c2', ['c']);
    expect(drain(queue)).toEqual(['c1', 'a5', 'c2']);
  });

  it('keeps the order within a flow, loses nothing and holds no more than its bound', () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constant(undefined)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (asked) => {
        const queue = new FairQueue<{ flow: string; at: number }>(5);
        const left: { flow: string; at: number }[] = [];
        let gone = 0;
        for (const [at, flow] of asked.entries()) {
          const item = flow === undefined ? queue.shift() : queue.push({ flow, at }, [flow]);
          if (flow === undefined && item !== undefined) left.push(item);
          else if (item !== undefined) gone += 1;
          expect(queue.size).toBeLessThanOrEqual(5);
        }
        left.push(...drain(queue));
        expect(left.length + gone).toBe(asked.filter((flow) => flow !== undefined).length);
        for (const flow of ['a', 'b', 'c']) {
          const order = left.filter((item) => item.flow === flow).map(({ at }) => at);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
