/** One thing that is wrong with how a store is described. */
export interface StorageProblem {
  /** The key (`storage.s3.chunksize`). */
  readonly path: string;
  /** Holds no value of a parameter: it may be a secret. */
  readonly message: string;
}

/** A driver cannot be made as the configuration describes it: a wrong parameter, a file that is missing, no such driver. No store was asked. */
export class StorageConfigurationError extends Error {
  override readonly name = 'StorageConfigurationError';
  readonly problems: readonly StorageProblem[];

  constructor(problems: readonly StorageProblem[], options?: ErrorOptions) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join('; '), options);
    this.problems = problems;
  }
}

/** Runs what makes a part of the store. What it throws becomes a problem of the key, unless it knows its keys by itself. */
export async function blaming<T>(path: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof StorageConfigurationError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new StorageConfigurationError([{ path, message }], { cause: error });
  }
}
