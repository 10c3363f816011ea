/** What follows from a failed attempt. */
export type Verdict = { readonly kind: 'again'; readonly seconds: number } | { readonly kind: 'give-up' };

/** About three days of attempts; then the delivery is a dead letter, which can be replayed. */
const mostAttempts = 40;
const longestPause = 2 * 60 * 60;

/**
 * The pause before the next attempt: the configured backoff, doubled with each attempt, with jitter so that a receiver that comes back is
 * not met by all at once.
 * @param backoff milliseconds @param jitter 0 ≤ x < 1
 */
export function afterFailure(attempts: number, backoff: number, jitter: number): Verdict {
  if (attempts >= mostAttempts) return { kind: 'give-up' };
  const pause = Math.min((backoff / 1000) * 2 ** Math.min(attempts - 1, 30), longestPause);
  return { kind: 'again', seconds: pause * (0.5 + jitter / 2) };
}
