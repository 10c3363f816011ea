/**
 * Returns the pause before the next attempt: `first`, doubled with each further failure, at most `longest`. All in one unit. The caller adds a
 * random part where many wait for the same.
 * @param failures in a row, from 1
 */
export function backoff(failures: number, { first, longest }: { first: number; longest: number }): number {
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
}
