/** The outcome of the one review that a call claimed. */
export type ReviewOutcome =
  /** Nothing is due. */
  | { readonly kind: 'idle' }
  /** It is referenced, or it was already gone. The review is over. */
  | { readonly kind: 'kept' }
  /** It is fresh, or another transaction holds it. The review comes again. */
  | { readonly kind: 'postponed' }
  /** It was unreferenced and has been deleted. */
  | { readonly kind: 'removed'; readonly size: number };

export const idle: ReviewOutcome = { kind: 'idle' };
export const kept: ReviewOutcome = { kind: 'kept' };
export const postponed: ReviewOutcome = { kind: 'postponed' };

/** Seconds until a fresh row is old enough. Bounded, so that a clock that stepped back causes no busy loop. */
export function untilStale(seconds: number, grace: number): number {
  return Math.min(Math.max(seconds, 0), grace);
}

/** Seconds until a locked row is reviewed again. At least one, so that a grace of 0 causes no busy loop. */
export function untilReleased(grace: number): number {
  return Math.max(grace, 1);
}
