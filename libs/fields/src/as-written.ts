import type { z } from 'zod';
import { shapeOf } from './shape.ts';

/**
 * Values as a user would write them, so that a schema reads what it has read before, and what a program gives. Of a duration, a number is milliseconds; of a
 * size, bytes. In a file both are texts, where a bare number of a duration counts seconds.
 */
export function asWritten(schema: z.ZodType, given: unknown): unknown {
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'section':
      return mapped(given, (key) => (Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined));
    case 'map':
      return mapped(given, () => shape.value);
    case 'list':
      return Array.isArray(given) ? given.map((item: unknown) => asWritten(shape.element, item)) : given;
    case 'free':
      return given;
    case 'scalar':
      return scalarAsWritten(given, shape.facts.type);
  }
}

function scalarAsWritten(given: unknown, type: string | undefined): unknown {
  if (typeof given === 'number') {
    // A duration has no exponent.
    return type === 'duration' ? `${Number.isInteger(given) ? given : given.toFixed(9)}ms` : String(given);
  }
  return typeof given === 'boolean' ? String(given) : given;
}

function mapped(given: unknown, schemaOf: (key: string) => z.ZodType | undefined): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, value]: [string, unknown]) => {
      const schema = schemaOf(key);
      return [key, schema === undefined ? value : asWritten(schema, value)];
    }),
  );
}
