export type StorageErrorKind = 'absent' | 'denied' | 'throttled' | 'unavailable' | 'corrupt' | 'invalid-path' | 'invalid-range' | 'full';

export interface StorageErrorDetails extends ErrorOptions {
  readonly driver: string;
  readonly key?: string;
  readonly retryAfterSeconds?: number;
}

/** What went wrong at the store, in words that are the same for every driver. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly kind: StorageErrorKind;
  readonly driver: string;
  readonly key: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: StorageErrorKind, { driver, key, retryAfterSeconds, ...options }: StorageErrorDetails) {
    super(`${driver}: ${kind}${key === undefined ? '' : ` (${key})`}`, options);
    this.kind = kind;
    this.driver = driver;
    this.key = key;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
