/** One problem in the configuration of a store. */
export interface StorageProblem {
  /** The key of the parameter: `storage.s3.chunksize`, or relative to the driver's section (`chunksize`) in an error of a driver. */
  readonly path: string;
  /** Contains no value of a parameter: it may be a secret. */
  readonly message: string;
}

const errorKey: unique symbol = Symbol.for('@longshore/storage/configuration-error');

/**
 * The configuration describes no usable driver: a parameter is wrong, a file is missing, or the driver does not exist. No store was contacted.
 * `instanceof` recognizes the errors of every copy of this package.
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
