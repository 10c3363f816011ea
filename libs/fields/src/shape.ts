import { z } from 'zod';
import { facts, type FieldFacts } from './facts.ts';

/** A schema as the readers of files and variables see it: the possible content below a key. */
export type Shape =
  | {
      readonly kind: 'section';
      readonly keys: Readonly<Record<string, z.ZodType>>;
      readonly open: boolean;
      readonly facts: FieldFacts;
    }
  | { readonly kind: 'map'; readonly value: z.ZodType; readonly facts: FieldFacts }
  | { readonly kind: 'list'; readonly element: z.ZodType; readonly facts: FieldFacts }
  | { readonly kind: 'free'; readonly facts: FieldFacts }
  | { readonly kind: 'scalar'; readonly facts: FieldFacts };

/** Whether the content below the key is not examined: the key has no effect, or is refused as a whole. */
export const isOpaque = ({ ignored, refused }: FieldFacts): boolean =>
  ignored !== undefined || refused !== undefined;

/** Whether the key is required. */
export function isRequired(schema: z.ZodType): boolean {
  return !schema.safeParse(undefined).success;
}

export function shapeOf(schema: z.ZodType): Shape {
  let inner = schema;
  const layers: FieldFacts[] = [facts.get(schema) ?? {}];
  for (let next = unwrap(inner); next !== undefined; next = unwrap(inner)) {
    inner = next;
    layers.unshift(facts.get(inner) ?? {});
  }
  const about: FieldFacts = Object.assign({}, ...layers);
  if (inner instanceof z.ZodObject) {
    const keys = Object.entries(inner.shape).map(([key, below]) => [key, full(below)] as const);
    return {
      kind: 'section',
      keys: Object.fromEntries(keys),
      open: inner.def.catchall instanceof z.ZodUnknown,
      facts: about,
    };
  }
  if (inner instanceof z.ZodRecord) return { kind: 'map', value: full(inner.valueType), facts: about };
  if (inner instanceof z.ZodArray) return { kind: 'list', element: full(inner.element), facts: about };
  return { kind: inner instanceof z.ZodUnknown ? 'free' : 'scalar', facts: about };
}

function unwrap(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return full(schema.unwrap());
  return schema instanceof z.ZodPipe ? full(schema.in) : undefined;
}

/** Returns a nested schema with its full type. Zod types nested schemas by its core interface, but all of ours are full ones. */
function full(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new TypeError('a schema of fields holds something that is no schema');
}
