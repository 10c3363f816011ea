/** The space of a store whose size is limited. */
export interface StoreSpace {
  /** Bytes that can still be written. */
  readonly free: number;
  /** Bytes of the whole store, used and free. */
  readonly total: number;
}

/** Part of the store below which free space is short. */
const shortFraction = 0.05;
/** Free bytes above which space is never short. */
const plenty = 10 * 1024 ** 3;

/** Whether space is short, so that unneeded data should be removed soon. */
export function isShortOfSpace({ free, total }: StoreSpace): boolean {
  return free < Math.min(total * shortFraction, plenty);
}
