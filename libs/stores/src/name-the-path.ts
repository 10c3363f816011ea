import { StorageConfigurationError } from '@longshore/storage';

/** Runs a step that creates a part of the store. An error becomes a problem of the key, or of the keys below it that the error names. */
export async function blaming<T>(path: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new StorageConfigurationError(problemsBelow(path, error), { cause: error });
  }
}

function problemsBelow(section: string, error: unknown): StorageConfigurationError['problems'] {
  if (error instanceof StorageConfigurationError)
    return error.problems.map(({ path, message }) => ({
      path: path === '' ? section : `${section}.${path}`,
      message,
    }));
  return [{ path: section, message: error instanceof Error ? error.message : String(error) }];
}
