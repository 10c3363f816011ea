/**
 * Returns the pause before the next attempt: `first`, doubled with each further failure, at most `longest`. All in one unit. If many callers wait for
 * the same event, they add a random part.
 * @param failures in a row, from 1
 */
export function backoff(failures: number, { first, longest }: { first: number; longest: number }): number {
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
}
