import { type IsLeftOut, type JsonSchema, jsonSchemaOf } from '@longshore/fields';
import { configurationSchema } from './schema.ts';

/** Returns the configuration as JSON Schema (draft 7), for documents that contain a part of it, such as a chart's values. */
export function configurationJsonSchema(isLeftOut?: IsLeftOut): JsonSchema {
  return jsonSchemaOf(configurationSchema, isLeftOut);
}
