import type { z } from 'zod';
import type { Problem } from './configuration-error.ts';
import { configurationSchema } from './schema.ts';
import { shapeOf } from './shape.ts';
import type { Value } from './sources/document.ts';
import { isRecord } from './sources/place.ts';

/** The keys that were given and have no effect. */
export function warningsOf(input: Record<string, Value>): Problem[] {
  return ignoredBelow(input, configurationSchema, []);
}

function ignoredBelow(value: Value, schema: z.ZodType, path: readonly string[]): Problem[] {
  if (value === undefined) return [];
  const shape = shapeOf(schema);
  const { ignored } = shape.facts;
  if (ignored !== undefined) return [{ path: path.join('.'), message: `has no effect: ${ignored}` }];
  if (shape.kind !== 'section' || !isRecord(value)) return [];
  return Object.entries(shape.keys).flatMap(([key, below]) =>
    ignoredBelow(value[key], below, [...path, key]),
  );
}
