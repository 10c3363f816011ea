import { describe, expect, it } from 'vitest';
import { afterFailure } from './retry-schedule.ts';

describe('afterFailure', () => {
  it('doubles the pause with each attempt, up to two hours', () => {
    const pauses = [1, 2, 3, 30].map((attempts) => afterFailure(attempts, 1000, 0.999_999));
    expect(pauses.map((verdict) => (verdict.kind === 'again' ? Math.round(verdict.seconds) : 0))).toEqual([
      1, 2, 4, 7200,
    ]);
  });

  it('never pauses for less than half of that', () => {
    expect(afterFailure(3, 1000, 0)).toEqual({ kind: 'again', seconds: 2 });
  });

  it('gives up after forty attempts', () => {
    expect(afterFailure(39, 1000, 0).kind).toBe('again');
    expect(afterFailure(40, 1000, 0)).toEqual({ kind: 'give-up' });
  });
});
