import type { z } from 'zod';
import type { FieldFacts, JsonSchema } from './facts.ts';
import { isRequired, shapeOf } from './shape.ts';

/** A key that a document does not have: whether it is left out, by its path (`storage.s3.bucket`) and what is known of it. */
export type IsLeftOut = (path: string, facts: Readonly<FieldFacts>) => boolean;

/** A section of fields as JSON Schema (draft 7). It tells types, words and bounds; what depends on two keys only the parser knows. */
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

/** What a schema says of the keys of an object; nothing of any other. */
export function propertiesOf({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return isSchemas(properties) ? properties : {};
}

function isSchemas(value: unknown): value is Readonly<Record<string, JsonSchema>> {
  return typeof value === 'object' && value !== null;
}
