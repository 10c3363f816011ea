import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Upstreams } from './upstreams.ts';

describe('Upstreams', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('begins with each replica in turn, and names all of them every time', () => {
    const upstreams = new Upstreams(['a', 'b', 'c']);
    const orders = Array.from({ length: 4 }, () => upstreams.order().join(''));
    expect(orders).toEqual(['abc', 'bca', 'cab', 'abc']);
  });

  it('tries one that just failed last, for a second', () => {
    const upstreams = new Upstreams(['a', 'b']);
    upstreams.failed('a');
    expect([upstreams.order(), upstreams.order()]).toEqual([
      ['b', 'a'],
      ['b', 'a'],
    ]);
    vi.advanceTimersByTime(1_001);
    expect([...upstreams.order(), ...upstreams.order()]).toEqual(['a', 'b', 'b', 'a']);
  });

  it('leaves none out although all have failed', () => {
    const upstreams = new Upstreams(['a', 'b']);
    upstreams.failed('a');
    upstreams.failed('b');
    expect(upstreams.order().toSorted()).toEqual(['a', 'b']);
  });

  it('has nothing to offer where none is configured', () => {
    expect(new Upstreams([]).order()).toEqual([]);
  });
});
