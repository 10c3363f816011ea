import type { z } from 'zod';
import type { FieldFacts, JsonSchema } from './facts.ts';
import { isRequired, shapeOf } from './shape.ts';

/** Whether a document leaves out a key, given its path (`storage.s3.bucket`) and its facts. */
export type IsLeftOut = (path: string, facts: Readonly<FieldFacts>) => boolean;

/**
 * Converts a section of fields to JSON Schema (draft 7), with types, words and bounds. Rules for two keys in combination are known only to the
 * parser.
 */
export function jsonSchemaOf(schema: z.ZodType, isLeftOut: IsLeftOut = () => false): JsonSchema {
  return schemaOf(schema, '', isLeftOut);
}

function schemaOf(schema: z.ZodType, path: string, isLeftOut: IsLeftOut): JsonSchema {
  const shape = shapeOf(schema);
  const { description = '', json = {} } = shape.facts;
  switch (shape.kind) {
    case 'section': {
      const prefix = path === '' ? '' : `${path}.`;
      const keys = Object.entries(shape.keys).filter(
        ([key, below]) => !isLeftOut(`${prefix}${key}`, shapeOf(below).facts),
      );
      const required = keys.filter(([, below]) => isRequired(below)).map(([key]) => key);
      return {
        description,
        type: 'object',
        additionalProperties: shape.open,
        properties: Object.fromEntries(
          keys.map(([key, below]) => [key, schemaOf(below, `${prefix}${key}`, isLeftOut)]),
        ),
        ...(required.length > 0 && { required }),
      };
    }
    case 'map':
      return {
        description,
        type: 'object',
        additionalProperties: schemaOf(shape.value, `${path}.*`, isLeftOut),
      };
    case 'list':
      return { description, type: 'array', items: schemaOf(shape.element, `${path}[]`, isLeftOut) };
    case 'free':
      return { description };
    case 'scalar':
      return { description, ...json };
  }
}

/** Returns the schemas of an object's keys; empty for any other schema. */
export function propertiesOf({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return isSchemas(properties) ? properties : {};
}

function isSchemas(value: unknown): value is Readonly<Record<string, JsonSchema>> {
  return typeof value === 'object' && value !== null;
}
