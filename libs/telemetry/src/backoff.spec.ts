import { expect, it } from 'vitest';
import { backoff } from './backoff.ts';

it('doubles the pause with each failure, as far as it may grow', () => {
  const pauses = [1, 2, 3, 4, 1_000].map((failures) => backoff(failures, { first: 100, longest: 500 }));
  expect(pauses).toEqual([100, 200, 400, 500, 500]);
});
