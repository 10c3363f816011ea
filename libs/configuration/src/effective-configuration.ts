import { basename } from 'node:path';
import { isOpaque, type Shape, shapeOf } from '@longshore/fields';
import { Document } from 'yaml';
import type { z } from 'zod';
import { ConfigurationError } from './configuration-error.ts';
import { configurationSchema } from './schema.ts';
import type { Value } from './sources/document.ts';
import { gather, type Origin, originOf, type Sources } from './sources/gather.ts';
import { isRecord } from './sources/place-value.ts';

/** One key in effect. */
export interface EffectiveKey {
  /** Sections and indexes that lead to the key. */
  readonly path: readonly string[];
  /** The value as a user would write it; a secret is masked. */
  readonly value: Value;
  /** `default`, the file with its line, or the variable. */
  readonly origin: string;
}

/** Replaces a secret. */
const mask = '********';

/**
 * Lists every key in effect, with its origin. Omits keys without effect and keys without a value. Includes invalid values.
 * @throws ConfigurationError if the file cannot be read
 */
export function effectiveConfiguration(sources: Sources): readonly EffectiveKey[] {
  const { input, origins, problems, isReadable } = gather(sources);
  if (!isReadable) throw new ConfigurationError(problems);
  return new Walk(origins).keys(configurationSchema, input, []);
}

/** Prints the keys as YAML, with the origin of each in a comment. */
export function printConfiguration(keys: readonly EffectiveKey[]): string {
  const document = new Document({});
  for (const { path, value, origin } of keys) {
    const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    // Lists stay on one line, so that the comment applies to all of them.
    const node = document.createNode(value, { flow: true });
    node.comment = ` ${origin}`;
    document.setIn(steps, node);
  }
  return document.toString({ lineWidth: 0 }).trimEnd();
}

class Walk {
  readonly #origins: ReadonlyMap<string, Origin>;

  constructor(origins: ReadonlyMap<string, Origin>) {
    this.#origins = origins;
  }

  keys(schema: z.ZodType, given: Value, path: readonly string[]): readonly EffectiveKey[] {
    const shape = shapeOf(schema);
    if (isOpaque(shape.facts)) return [];
    switch (shape.kind) {
      case 'section':
        return this.#section(shape, given ?? presumed(schema), path);
      case 'list':
        return this.#list(shape, { schema, given, path });
      case 'map':
        return this.#map(shape, given, path);
      case 'free':
        return this.#free(shape, given, path);
      case 'scalar':
        return this.#scalar(shape, given, path);
    }
  }

  #free({ facts }: Shape, given: Value, path: readonly string[]): readonly EffectiveKey[] {
    if (given === undefined) return [];
    return [this.#key(path, facts.secret === true ? mask : withoutSecrets(given), true)];
  }

  #scalar(shape: Shape, given: Value, path: readonly string[]): readonly EffectiveKey[] {
    const value = given ?? shape.facts.fallback;
    return value === undefined ? [] : [this.#key(path, shown(shape, value), given !== undefined)];
  }

  #section(
    shape: Shape & { kind: 'section' },
    given: Value,
    path: readonly string[],
  ): readonly EffectiveKey[] {
    if (!isRecord(given)) return [];
    const known = Object.entries(shape.keys).flatMap(([key, below]) =>
      this.keys(below, given[key], [...path, key]),
    );
    // A third-party driver: which of its parameters are secret is unknown.
    const others = shape.open ? Object.entries(given).filter(([key]) => !(key in shape.keys)) : [];
    const foreign = others.map(([key, value]) => this.#key([...path, key], withoutSecrets(value), true));
    // Prints a section without keys as well: `inmemory` is a store.
    const isEmpty = known.length + foreign.length === 0 && Object.keys(shape.keys).length === 0;
    return isEmpty ? [this.#key(path, {}, true)] : [...known, ...foreign];
  }

  #list(
    shape: Shape & { kind: 'list' },
    { schema, given, path }: { schema: z.ZodType; given: Value; path: readonly string[] },
  ): readonly EffectiveKey[] {
    const element = shapeOf(shape.element);
    const isSecret = shape.facts.secret === true;
    if (!Array.isArray(given)) {
      const fallback = schema.safeParse(undefined).data;
      return Array.isArray(fallback) ? [this.#key(path, fallback.map(String), false)] : [];
    }
    if (element.kind === 'section')
      return given.flatMap((item, index) => this.keys(shape.element, item, [...path, String(index)]));
    return [
      this.#key(
        path,
        given.map((item) => (isSecret ? mask : shown(element, item))),
        true,
      ),
    ];
  }

  #map(shape: Shape & { kind: 'map' }, given: Value, path: readonly string[]): readonly EffectiveKey[] {
    if (!isRecord(given)) return [];
    return Object.entries(given).flatMap(([key, value]) =>
      shape.facts.secret === true
        ? [this.#key([...path, key], mask, true)]
        : this.keys(shape.value, value, [...path, key]),
    );
  }

  #key(path: readonly string[], value: Value, isGiven: boolean): EffectiveKey {
    return { path, value, origin: isGiven ? wordsOf(originOf(this.#origins, path)) : 'default' };
  }
}

function wordsOf(origin: Origin | undefined): string {
  switch (origin?.kind) {
    case 'file':
      return `${basename(origin.file)}:${origin.line}`;
    case 'variable':
      return origin.variable;
    case 'presumed':
      return 'presumed';
    case undefined:
      return 'default';
  }
}

/** The value of a section that exists by default. */
const presumed = (schema: z.ZodType): Value =>
  schema.safeParse(undefined).data === undefined ? undefined : {};

function shown({ facts }: Shape, value: Value): Value {
  if (facts.secret === true) return mask;
  if (typeof value !== 'string') return value;
  const { type } = facts.json ?? {};
  if ((type === 'boolean' || type === 'integer') && /^(?:true|false|-?\d{1,15})$/.test(value))
    return value === 'true' || (value !== 'false' && Number(value));
  return facts.type === 'URL' ? withoutCredentials(value, facts.secretPath === true) : value;
}

function withoutCredentials(text: string, hasSecretPath: boolean): string {
  if (!URL.canParse(text)) return mask;
  const { protocol, host, username, password, pathname, search } = new URL(text);
  const account = username === '' && password === '' ? '' : `${mask}@`;
  const rest = hasSecretPath && pathname !== '/' ? `/${mask}` : pathname;
  return account === '' && search === '' && rest === pathname
    ? text
    : `${protocol}//${account}${host}${rest}${search === '' ? '' : `?${mask}`}`;
}

const secretName = /secret|password|token|credential|key/i;

function withoutSecrets(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secretName.test(key) ? mask : withoutSecrets(inner)]),
  );
}
