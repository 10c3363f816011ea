/** What became of the one review that a call claimed. */
export type ReviewOutcome =
  /** Nothing is due. */
  | { readonly kind: 'idle' }
  /** It is referenced, or was gone already: the review is over. */
  | { readonly kind: 'kept' }
  /** It is fresh, or somebody holds it: the review comes again. */
  | { readonly kind: 'postponed' }
  /** It was unreferenced and is gone. */
  | { readonly kind: 'removed'; readonly size: number };

export const idle: ReviewOutcome = { kind: 'idle' };
export const kept: ReviewOutcome = { kind: 'kept' };
export const postponed: ReviewOutcome = { kind: 'postponed' };

/** Seconds until what is fresh no longer is; a clock that stepped back must not make it a busy loop. */
export function untilStale(seconds: number, grace: number): number {
  return Math.min(Math.max(seconds, 0), grace);
}

/** Seconds until what somebody holds is looked at again; not at once, or a grace of nothing makes a busy loop. */
export function untilReleased(grace: number): number {
  return Math.max(grace, 1);
}
