import { describeFields, type FieldRow } from '@longshore/fields';
import { configurationSchema } from './schema.ts';

/** Lists every key of the configuration: the rows of docs/reference/configuration.md. */
export function describeConfiguration(): FieldRow[] {
  return describeFields(configurationSchema, 'REGISTRY');
}
