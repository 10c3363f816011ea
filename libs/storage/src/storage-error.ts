/**
 * The kinds of failures, the same for every driver:
 *
 * - `absent`: the object does not exist
 * - `denied`: the store refuses access: credentials, permissions, a link that leads out of the root
 * - `read-only`: the store accepts no writes for now, like a file system that is mounted read-only; reads continue
 * - `throttled`: too many requests or open files; a retry later helps
 * - `unavailable`: the store does not answer, or fails; a retry may help
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
  /** Seconds to wait before a retry, if the store tells. */
  readonly retryAfterSeconds?: number | undefined;
  /** An explanation for the operator, beside the kind and the key. Never contains a secret. */
  readonly reason?: string | undefined;
}

const errorKey: unique symbol = Symbol.for('@longshore/storage/error');

/**
 * A failure of the store, described the same way for every driver; `cause` holds the store's own error. `instanceof` recognizes the errors of every
 * copy of this package, since a driver throws those of its own copy. An error of a kind that this copy does not know is not recognized.
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

/** Whether the store said that the object does not exist. */
export function isAbsent(error: unknown): boolean {
  return error instanceof StorageError && error.kind === 'absent';
}

/**
 * Whether a failed read means that the object is lost or damaged, rather than that the store is unavailable. A range within the object's recorded
 * size is invalid only if the object is shorter.
 */
export function isLostOrDamaged(error: unknown): error is StorageError {
  return (
    error instanceof StorageError &&
    (error.kind === 'absent' || error.kind === 'corrupt' || error.kind === 'invalid-range')
  );
}

/** Returns the result of a lookup, or undefined if the object does not exist. */
export async function unlessAbsent<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
