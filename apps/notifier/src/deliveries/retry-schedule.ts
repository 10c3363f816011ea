import { backoff } from '@longshore/telemetry';

/** The consequence of a failed attempt. */
export type Verdict = { readonly kind: 'again'; readonly seconds: number } | { readonly kind: 'give-up' };

/** About three days of attempts. Then the delivery becomes a dead letter, which can be replayed. */
const mostAttempts = 40;
const longestPause = 2 * 60 * 60;

/**
 * Returns the pause before the next attempt: the first one as configured (`backoff`), doubled with each attempt. The jitter keeps a receiver that
 * comes back from being met by all at once.
 * @param firstPause milliseconds @param jitter 0 ≤ x < 1
 */
export function afterFailure(attempts: number, firstPause: number, jitter: number): Verdict {
  if (attempts >= mostAttempts) return { kind: 'give-up' };
  const pause = backoff(attempts, { first: firstPause / 1000, longest: longestPause });
  return { kind: 'again', seconds: pause * (0.5 + jitter / 2) };
}
