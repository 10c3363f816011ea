import type { z } from 'zod';
import { StorageConfigurationError } from './storage-configuration-error.ts';

/** Parses the parameters of a driver. @throws StorageConfigurationError, which names each wrong parameter and contains no value */
export function driverParameters<T>(schema: z.ZodType<T>, given: unknown): T {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw new StorageConfigurationError(
    error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  );
}
