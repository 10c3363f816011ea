import { asWritten, complaintOf, nearest, shapeOf } from '@longshore/fields';
import type { z } from 'zod';
import { StorageConfigurationError, type StorageProblem } from './storage-configuration-error.ts';

/**
 * Reads the parameters of a driver: texts as a user writes them, or values that the configuration has read already.
 * @param schema a section of `@longshore/fields`
 * @throws StorageConfigurationError that names each one that is wrong, and no value
 */
export function driverParameters<T>(schema: z.ZodType<T>, given: unknown): T {
  const { success, data, error } = schema.safeParse(asWritten(schema, given));
  if (success) return data;
  throw new StorageConfigurationError(error.issues.flatMap((issue) => problemsOf(issue, schema)));
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType): readonly StorageProblem[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: complaintOf(issue) }];
  const shape = shapeOf(schema);
  const known = path.length === 0 && shape.kind === 'section' ? Object.keys(shape.keys) : [];
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return { path: [...path, key].join('.'), message: `is no parameter of this driver${hint}` };
  });
}
