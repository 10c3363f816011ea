/**
 * The Storage API that this copy of the package speaks. A driver brings a copy of its own, so `instanceof` cannot tell whether it is one: it
 * carries this number instead. It is raised when a driver that was built against an older copy would no longer do as it is.
 */
export const storageApi = 1;

/** Where a driver carries the number: the same symbol in every copy of the package. */
export const storageApiKey: unique symbol = Symbol.for('@longshore/storage/api');

/** The number that `value` carries; undefined when it is no driver of any copy. */
export function storageApiOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && storageApiKey in value
    ? value[storageApiKey]
    : undefined;
}
