import { backoff } from '@longshore/telemetry';

/** Returns the milliseconds before an event is delivered again: a second, doubled with each attempt, at most a minute. */
export function redeliveryDelay(attempt: number): number {
  return backoff(attempt, { first: 1000, longest: 60_000 });
}
