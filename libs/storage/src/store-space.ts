/** What is left of a store that has an end. */
export interface StoreSpace {
  /** Bytes that may still be written. */
  readonly free: number;
  /** Bytes of the whole store, whoever uses them. */
  readonly total: number;
}

/** A store is short of space below this part of it, ... */
const shortFraction = 0.05;
/** ... and never while it has more than this. Bytes. */
const plenty = 10 * 1024 ** 3;

/** Whether what nobody needs should go soon. */
export function isShortOfSpace({ free, total }: StoreSpace): boolean {
  return free < Math.min(total * shortFraction, plenty);
}
