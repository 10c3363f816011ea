import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signedPeriod } from './signed-period.ts';

const begin = Date.parse('2026-01-01T00:00:00Z');

describe('signedPeriod', () => {
  it('is the same throughout a bucket of half the requested validity', () => {
    const first = signedPeriod(1200, begin);
    for (const later of [1, 599_999]) expect(signedPeriod(1200, begin + later)).toEqual(first);
    expect(signedPeriod(1200, begin + 600_000).from).toEqual(new Date(begin + 600_000));
  });

  it('lasts at least the requested time, and at most half of it longer', () => {
    const seconds = integer({ min: 2, max: 6 * 24 * 3600 });
    assert(
      property(seconds, integer({ min: 0, max: 2e9 }), (wanted, later) => {
        const now = begin + later;
        const { from, until, seconds: good } = signedPeriod(wanted, now);
        expect(until.getTime() - from.getTime()).toBe(good * 1000);
        expect(from.getTime()).toBeLessThanOrEqual(now);
        expect(until.getTime() - now).toBeGreaterThanOrEqual(wanted * 1000);
        expect(good).toBeLessThanOrEqual(wanted * 1.5);
      }),
    );
  });

  it('stays within a week, the limit of S3, OSS and Azure, at the longest validity that the configuration allows', () => {
    expect(signedPeriod(6 * 24 * 3600, begin).seconds).toBeLessThan(7 * 24 * 3600);
  });

  it('begins at most a second ago for a URL valid for a second', () => {
    expect(signedPeriod(1, 12_345).from).toEqual(new Date(12_000));
  });
});
