import { StorageError } from '../storage-error.ts';

/** Returns the error of a promise, which must be a StorageError. */
export async function failureOf(promise: Promise<unknown>): Promise<StorageError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof StorageError) return error;
  throw new Error('it did not fail with a StorageError', { cause: error });
}
