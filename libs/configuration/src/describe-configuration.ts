import type { z } from 'zod';
import { configurationSchema } from './schema.ts';
import { isRequired, shapeOf, type Shape } from './shape.ts';

/** One row of docs/reference/configuration.md. */
export interface ConfigurationRow {
  /** `notifications.endpoints[].url`; `*` stands for a key that the user chooses. */
  readonly key: string;
  readonly type: string;
  /** As a user would write it; `required`, or empty when there is none. */
  readonly default: string;
  readonly description: string;
  /** The variable that sets it, with `0` for an index. */
  readonly environment: string;
  readonly secret: boolean;
}

/** Every key of the configuration, depth first, sections before their keys. */
export function describeConfiguration(): ConfigurationRow[] {
  return below(shapeOf(configurationSchema), [], []);
}

function below(shape: Shape, path: readonly string[], variable: readonly string[]): ConfigurationRow[] {
  switch (shape.kind) {
    case 'section':
      return Object.entries(shape.keys).flatMap(([key, schema]) =>
        rowsOf(schema, [...path, key], [...variable, key.toUpperCase()]),
      );
    case 'list':
      return nested(shape.element, [...path.slice(0, -1), `${path.at(-1) ?? ''}[]`], [...variable, '0']);
    case 'map':
      return nested(shape.value, [...path, '*'], [...variable, '<KEY>']);
    case 'free':
    case 'scalar':
      return [];
  }
}

function rowsOf(schema: z.ZodType, path: readonly string[], variable: readonly string[]): ConfigurationRow[] {
  const shape = shapeOf(schema);
  const { facts } = shape;
  const row: ConfigurationRow = {
    key: path.join('.'),
    type: facts.type ?? 'section',
    default: shape.kind === 'section' ? '' : fallbackOf(schema, shape),
    description: facts.description ?? '',
    environment: ['REGISTRY', ...variable].join('_'),
    secret: facts.secret === true,
  };
  return [row, ...below(shape, path, variable)];
}

/** A list of scalars is one row; a list of sections has rows for their keys. */
function nested(schema: z.ZodType, path: readonly string[], variable: readonly string[]): ConfigurationRow[] {
  const shape = shapeOf(schema);
  return shape.kind === 'section' ? below(shape, path, variable) : [];
}

function fallbackOf(schema: z.ZodType, shape: Shape): string {
  if (shape.facts.fallback !== undefined)
    return shape.facts.fallback === '' ? '(empty)' : shape.facts.fallback;
  if (isRequired(schema)) return 'required';
  const value = schema.safeParse(undefined).data;
  return Array.isArray(value) ? `[${value.map(String).join(', ')}]` : '';
}
