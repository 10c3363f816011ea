/**
 * The version of the Storage API in this copy of the package. A driver brings its own copy, so `instanceof` cannot recognize it; the driver carries
 * this number instead. Raise the number when drivers built against an older copy no longer work.
 */
export const storageApi = 1;

/** The property of a driver that holds the number. The symbol is the same in every copy of the package. */
export const storageApiKey: unique symbol = Symbol.for('@longshore/storage/api');

/** Returns the number that `value` carries, or undefined if `value` is not a driver of any copy. */
export function storageApiOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && storageApiKey in value
    ? value[storageApiKey]
    : undefined;
}
