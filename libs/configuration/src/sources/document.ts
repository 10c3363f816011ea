import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Pair,
  type Scalar,
} from 'yaml';
import type { z } from 'zod';
import type { Problem } from '../configuration-error.ts';
import { shapeOf } from '../shape.ts';

/** What a file or a variable says: texts, lists and maps; only below keys of a driver's own are other scalars. */
export type Value = string | number | boolean | null | undefined | Value[] | { [key: string]: Value };

export interface Reading {
  readonly value: Value;
  readonly problems: readonly Problem[];
}

/** Aliases in a configuration are few; more are an attack on memory. */
const maximumAliases = 50;

/** Reads YAML against the schema: where it wants a scalar, the text as written is kept, so `0123` keeps its zero. */
export function readYaml(text: string, schema: z.ZodType, origin: string): Reading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  // The library's own message quotes the source, which may hold a secret; only its code and place leave here.
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return {
      path: origin,
      message: `is not valid YAML at line ${line}, column ${col}: ${error.code.toLowerCase().replaceAll('_', ' ')}`,
    };
  });
  if (problems.length > 0) return { value: undefined, problems };
  return { value: new YamlReader(document).read(document.contents, schema), problems };
}

class YamlReader {
  readonly #document: Document.Parsed;
  #aliases = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  read(node: unknown, schema: z.ZodType | undefined): Value {
    if (isAlias(node)) {
      if (++this.#aliases > maximumAliases) return undefined;
      return this.read(node.resolve(this.#document), schema);
    }
    const shape = schema && shapeOf(schema);
    if (isMap(node)) {
      const below = (key: string): z.ZodType | undefined =>
        shape?.kind === 'section' ? shape.keys[key] : shape?.kind === 'map' ? shape.value : undefined;
      return Object.fromEntries(node.items.map((item: Pair) => this.#entry(item, below)));
    }
    if (isSeq(node))
      return node.items.map((item) => this.read(item, shape?.kind === 'list' ? shape.element : undefined));
    if (!isScalar(node)) return undefined;
    if (shape === undefined || shape.kind === 'free') return scalarOf(node.value);
    if (node.value === null) return emptyOf(shape.kind);
    return spread(textOf(node), schema);
  }

  #entry(item: Pair, below: (key: string) => z.ZodType | undefined): [string, Value] {
    const key = isScalar(item.key) ? textOf(item.key) : '(not a plain key)';
    return [key, this.read(item.value, below(key))];
  }
}

function textOf(node: Scalar): string {
  const value = scalarOf(node.value);
  return node.source ?? (typeof value === 'object' ? '' : String(value));
}

function scalarOf(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null ? null : undefined;
}

/** A key without a value: an empty section (`inmemory:`) or nothing at all. */
function emptyOf(kind: ReturnType<typeof shapeOf>['kind']): Value {
  return kind === 'section' || kind === 'map' ? {} : undefined;
}

/** A bare text where a section or list is wanted: the shorthands of distribution's parser. */
export function spread(text: string, schema: z.ZodType | undefined): Value {
  const shape = schema && shapeOf(schema);
  if (shape?.kind === 'section' && shape.facts.shorthand === true && text !== '') return { [text]: {} };
  if (shape?.kind === 'list')
    return shape.facts.separated === true ? text.split(',').map((part) => part.trim()) : [text];
  return text;
}
