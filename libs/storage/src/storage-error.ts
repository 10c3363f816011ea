/**
 * What a store can say, the same for every driver:
 *
 * - `absent`: there is no such object
 * - `denied`: the store refuses us: credentials, permissions, a link that leads out of the root
 * - `read-only`: nothing can be written for now (a file system that is mounted read-only); reads go on
 * - `throttled`: too many requests or open files; asking again later helps
 * - `unavailable`: the store does not answer, or fails; asking again may help
 * - `corrupt`: the store has other bytes than it acknowledged
 * - `invalid-path`: the key is outside the grammar, or the store cannot hold it
 * - `invalid-range`: the range does not lie within the object
 * - `full`: no space or quota left
 */
export const storageErrorKinds = [
  'absent',
  'denied',
  'read-only',
  'throttled',
  'unavailable',
  'corrupt',
  'invalid-path',
  'invalid-range',
  'full',
] as const;
export type StorageErrorKind = (typeof storageErrorKinds)[number];

export interface StorageErrorDetails extends ErrorOptions {
  /** The name of the driver that failed. */
  readonly driver: string;
  readonly key?: string | undefined;
  /** When the store asks for patience. Seconds. */
  readonly retryAfterSeconds?: number | undefined;
  /** What an operator should read, beside the kind and the key. Never a secret. */
  readonly reason?: string | undefined;
}

const errorKey: unique symbol = Symbol.for('@longshore/storage/error');

/**
 * What went wrong at the store, in words that are the same for every driver; `cause` holds the store's own. `instanceof` knows the errors of every
 * copy of this package, since a driver throws those of its own; one of a kind that this copy does not know is none.
 */
export class StorageError extends Error {
  static override [Symbol.hasInstance](value: unknown): value is StorageError {
    return (
      value instanceof Error &&
      errorKey in value &&
      'kind' in value &&
      storageErrorKinds.some((kind) => kind === value.kind)
    );
  }

  readonly [errorKey] = true;
  override readonly name = 'StorageError';
  readonly kind: StorageErrorKind;
  readonly driver: string;
  readonly key: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: StorageErrorKind,
    { driver, key, retryAfterSeconds, reason, ...options }: StorageErrorDetails,
  ) {
    const about = key === undefined ? '' : ` (${key})`;
    super(`${driver}: ${kind}${about}${reason === undefined ? '' : `: ${reason}`}`, options);
    this.kind = kind;
    this.driver = driver;
    this.key = key;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Whether it is a store's word that there is no such object. */
export function isAbsent(error: unknown): boolean {
  return error instanceof StorageError && error.kind === 'absent';
}

/**
 * Whether a failed read says that the object is not as it was stored, rather than that the store is away. A range within the object's recorded size
 * is invalid only for an object that is shorter.
 */
export function isLostOrDamaged(error: unknown): error is StorageError {
  return (
    error instanceof StorageError &&
    (error.kind === 'absent' || error.kind === 'corrupt' || error.kind === 'invalid-range')
  );
}

/** What a look-up gives; undefined when there is no such object. */
export async function unlessAbsent<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
