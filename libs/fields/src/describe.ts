import type { z } from 'zod';
import { isRequired, shapeOf, type Shape } from './shape.ts';

/** One row of a reference page. */
export interface FieldRow {
  /** `notifications.endpoints[].url`; `*` stands for a key that the user chooses. */
  readonly key: string;
  readonly type: string;
  /** As a user would write it; `required`, or empty if there is none. */
  readonly default: string;
  readonly description: string;
  /** The variable that sets it, with `0` for an index. */
  readonly environment: string;
  readonly secret: boolean;
}

/** Lists every key of a section, depth first, sections before their keys. @param variable the prefix of the environment variables */
export function describeFields(section: z.ZodType, variable: string): FieldRow[] {
  return below(shapeOf(section), [], [variable]);
}

function below(shape: Shape, path: readonly string[], variable: readonly string[]): FieldRow[] {
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

function rowsOf(schema: z.ZodType, path: readonly string[], variable: readonly string[]): FieldRow[] {
  const shape = shapeOf(schema);
  const { facts } = shape;
  const row: FieldRow = {
    key: path.join('.'),
    type: facts.type ?? (facts.like === undefined ? 'section' : `section as ${facts.like}`),
    default: shape.kind === 'section' ? '' : fallbackOf(schema, shape),
    description: facts.description ?? '',
    environment: variable.join('_'),
    secret: facts.secret === true,
  };
  return facts.like === undefined ? [row, ...below(shape, path, variable)] : [row];
}

/** Describes a list: a list of scalars is one row, a list of sections has rows for their keys. */
function nested(schema: z.ZodType, path: readonly string[], variable: readonly string[]): FieldRow[] {
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
