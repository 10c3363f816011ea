import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Upstreams } from './upstreams.ts';

const ordered = (upstreams: Upstreams): string[] => upstreams.order().map(({ origin }) => origin);

describe('Upstreams', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('begins with each replica in turn, and names all of them every time', () => {
    const upstreams = new Upstreams(['a', 'b', 'c']);
    const orders = Array.from({ length: 4 }, () => ordered(upstreams).join(''));
    expect(orders).toEqual(['abc', 'bca', 'cab', 'abc']);
  });

  it('tries a replica that just failed last, for a second', () => {
    const upstreams = new Upstreams(['a', 'b']);
    upstreams.failed('a');
    expect([ordered(upstreams), ordered(upstreams)]).toEqual([
      ['b', 'a'],
      ['b', 'a'],
    ]);
    vi.advanceTimersByTime(1_001);
    expect([...ordered(upstreams), ...ordered(upstreams)]).toEqual(['a', 'b', 'b', 'a']);
  });

  it('leaves none out although all have failed', () => {
    const upstreams = new Upstreams(['a', 'b']);
    upstreams.failed('a');
    upstreams.failed('b');
    expect(ordered(upstreams).toSorted()).toEqual(['a', 'b']);
  });

  it('asks one that hangs last, until it answers again or is not there any more', () => {
    const upstreams = new Upstreams(['a', 'b']);
    expect([upstreams.takeOut('a'), upstreams.takeOut('a')]).toEqual([true, false]);
    upstreams.failed('b');
    expect(ordered(upstreams)).toEqual(['b', 'a']);
    expect([upstreams.hasOther('a'), upstreams.hasOther('b')]).toEqual([true, false]);
    expect([upstreams.putBack('a'), upstreams.putBack('a')]).toEqual([true, false]);
    expect(ordered(upstreams)).toEqual(['a', 'b']);
    upstreams.takeOut('a');
    upstreams.replace(['b', 'c'].map((origin) => ({ origin, host: undefined })));
    expect([upstreams.out(), upstreams.takeOut('a')]).toEqual([[], false]);
  });

  it('gives up a replica that has hung for long', () => {
    const upstreams = new Upstreams(['a'], { suspicion: 1, pulse: 1, end: 1000 });
    upstreams.takeOut('a');
    expect(upstreams.isGivenUp('a')).toBe(false);
    vi.advanceTimersByTime(1001);
    expect(upstreams.isGivenUp('a')).toBe(true);
  });

  it('offers nothing if none is configured', () => {
    expect(new Upstreams([]).order()).toEqual([]);
  });
});
