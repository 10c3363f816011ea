/** Returns the milliseconds before an event is delivered again: a second, doubled with each attempt, at most a minute. */
export function redeliveryDelay(attempt: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(attempt - 1, 10));
}
