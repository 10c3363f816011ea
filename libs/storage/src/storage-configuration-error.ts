/** One thing that is wrong with how a store is described. */
export interface StorageProblem {
  /** The key (`storage.s3.chunksize`); of an error that a driver throws, below its own section (`chunksize`). */
  readonly path: string;
  /** Holds no value of a parameter: it may be a secret. */
  readonly message: string;
}

const errorKey: unique symbol = Symbol.for('@longshore/storage/configuration-error');

/**
 * A driver cannot be made as the configuration describes it: a wrong parameter, a file that is missing, no such driver. No store was asked.
 * `instanceof` knows the errors of every copy of this package.
 */
export class StorageConfigurationError extends Error {
  static override [Symbol.hasInstance](value: unknown): value is StorageConfigurationError {
    return value instanceof Error && errorKey in value && 'problems' in value;
  }

  readonly [errorKey] = true;
  override readonly name = 'StorageConfigurationError';
  readonly problems: readonly StorageProblem[];

  constructor(problems: readonly StorageProblem[], options?: ErrorOptions) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join('; '), options);
    this.problems = problems;
  }
}
