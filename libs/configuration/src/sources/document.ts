import { shapeOf } from '@longshore/fields';
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { z } from 'zod';
import type { Problem } from '../configuration-error.ts';

/** A value of a file or variable: texts, lists and maps. Other scalars occur only in the parameters of third-party drivers. */
export type Value = string | number | boolean | null | undefined | Value[] | { [key: string]: Value };

export interface Reading {
  readonly value: Value;
  readonly problems: readonly Problem[];
  /** Line of each key and element, by its path (`http.tls.key`, `health.tcp.0`). */
  readonly lines: ReadonlyMap<string, number>;
}

/** Most aliases. A configuration needs few; more are an attack on memory. */
const maximumAliases = 50;

/** Reads YAML by the schema: for a scalar it keeps the text as written, so `0123` keeps its zero. */
export function readYaml(text: string, schema: z.ZodType, origin: string): Reading {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  // The library's own message quotes the source, which may contain a secret. Only its code, its position and a key are reported.
  const problems = document.errors.map(({ code, pos: [start] }) => {
    const { line, col } = counter.linePos(start);
    const message =
      code === 'DUPLICATE_KEY'
        ? `has the key ${keyAt(text, start)} twice in one section, again at line ${line}, column ${col}`
        : `is not valid YAML at line ${line}, column ${col}: ${code.toLowerCase().replaceAll('_', ' ')}`;
    return { path: origin, message };
  });
  if (problems.length > 0) return { value: undefined, problems, lines: new Map() };
  const reader = new YamlReader(document, counter);
  const value = reader.read(document.contents, schema, []);
  const tooMany = { path: origin, message: `has more than ${maximumAliases} aliases` };
  return { value, problems: reader.aliases > maximumAliases ? [tooMany] : [], lines: reader.lines };
}

function keyAt(text: string, position: number): string {
  return /^["']?([\w.-]{1,64})/.exec(text.slice(position))?.[1] ?? '(not a plain key)';
}

class YamlReader {
  readonly lines = new Map<string, number>();
  readonly #document: Document.Parsed;
  readonly #counter: LineCounter;
  aliases = 0;

  constructor(document: Document.Parsed, counter: LineCounter) {
    this.#document = document;
    this.#counter = counter;
  }

  read(written: unknown, schema: z.ZodType | undefined, path: readonly string[]): Value {
    const node = this.#resolved(written);
    const shape = schema && shapeOf(schema);
    if (isMap(node)) {
      const below = (key: string): z.ZodType | undefined =>
        shape?.kind === 'section' ? shape.keys[key] : shape?.kind === 'map' ? shape.value : undefined;
      return Object.fromEntries(
        [...this.#entries(node)].map(([key, item]) => {
          this.#note([...path, key], item.key);
          return [key, this.read(item.value, below(key), [...path, key])];
        }),
      );
    }
    if (isSeq(node)) {
      const element = shape?.kind === 'list' ? shape.element : undefined;
      return node.items.map((item, index) => {
        this.#note([...path, String(index)], item);
        return this.read(item, element, [...path, String(index)]);
      });
    }
    if (!isScalar(node)) return undefined;
    if (shape === undefined || shape.kind === 'free') return scalarOf(node.value);
    if (node.value === null) return emptyOf(shape.kind);
    return spread(textOf(node), schema);
  }

  /** Returns the entries of a map with those that `<<` merges into it. Its own entries win, then those of earlier merged maps. */
  #entries(node: YAMLMap): Map<string, Pair> {
    const own = new Map<string, Pair>();
    const merged = new Map<string, Pair>();
    for (const item of node.items) {
      const key = isScalar(item.key) ? textOf(item.key) : '(not a plain key)';
      if (key !== '<<') own.set(key, item);
      else
        for (const [name, pair] of this.#mergedFrom(item.value)) merged.set(name, merged.get(name) ?? pair);
    }
    return new Map([...merged, ...own]);
  }

  *#mergedFrom(written: unknown): Generator<[string, Pair]> {
    const node = this.#resolved(written);
    if (isMap(node)) yield* this.#entries(node);
    if (isSeq(node)) for (const item of node.items) yield* this.#mergedFrom(item);
  }

  #resolved(node: unknown): unknown {
    if (!isAlias(node)) return node;
    return ++this.aliases > maximumAliases ? undefined : node.resolve(this.#document);
  }

  #note(path: readonly string[], node: unknown): void {
    const start = isNode(node) ? node.range?.[0] : undefined;
    if (start !== undefined) this.lines.set(path.join('.'), this.#counter.linePos(start).line);
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

/** Returns the value of a key without one: an empty section (`inmemory:`) or nothing. */
function emptyOf(kind: ReturnType<typeof shapeOf>['kind']): Value {
  return kind === 'section' || kind === 'map' ? {} : undefined;
}

/** The text of a variable where a single value is expected: its value in YAML, or the text itself if it is not YAML. */
export type VariableText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'comment' };

/**
 * Reads a variable's text as a YAML document, as distribution does: quotes are not part of the value. A text that is not a single YAML value
 * (`@name`, `a: b`) is taken literally; distribution refuses it.
 */
export function readVariable(text: string): VariableText {
  if (text.trim() === '') return { kind: 'nothing' };
  const { contents, errors, comment, commentBefore } = parseDocument(text, { prettyErrors: false });
  const hasComment = [comment, commentBefore, contents?.comment, contents?.commentBefore].some(
    (words) => typeof words === 'string',
  );
  if (hasComment && errors.length === 0) return { kind: 'comment' };
  if (errors.length > 0 || !isScalar(contents) || /^\s*[!&|>]/.test(text)) return { kind: 'text', text };
  return contents.value === null ? { kind: 'nothing' } : { kind: 'text', text: textOf(contents) };
}

/** Expands a bare text where a section or list is expected: the shorthands of distribution's parser. */
export function spread(text: string, schema: z.ZodType | undefined): Value {
  const shape = schema && shapeOf(schema);
  if (shape?.kind === 'section' && shape.facts.shorthand === true && text !== '') return { [text]: {} };
  if (shape?.kind === 'list')
    return shape.facts.separated === true ? text.split(',').map((part) => part.trim()) : [text];
  return text;
}
