import type { JsonSchema } from '@longshore/configuration';

/** Any text. */
export const text: JsonSchema = { type: 'string' };

export const flag: JsonSchema = { type: 'boolean' };

export const words = (...known: readonly string[]): JsonSchema => ({ enum: known });

export const integer = (minimum: number, maximum?: number): JsonSchema => ({
  type: 'integer',
  minimum,
  ...(maximum !== undefined && { maximum }),
});

export const matching = (pattern: string): JsonSchema => ({ type: 'string', pattern });

export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** A map with keys of the user's choice. */
export const map = (values: JsonSchema | true): JsonSchema => ({
  type: 'object',
  additionalProperties: values,
});

/** A group of keys. Other keys are refused. */
export const section = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length > 0 && { required }),
});

/** Null means an absent value: it removes the default of values.yaml. */
export const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });

export const definition = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });
