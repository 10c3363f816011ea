import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Problem } from '../configuration-error.ts';
import { isRecord, place, type Step } from './place.ts';
import { shapeOf } from '../shape.ts';
import { nearest } from '../values/nearest.ts';
import { readYaml, spread, type Value } from './document.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'REGISTRY_';

/** Variables of the prefix that are no keys: the file's own path, and what distribution's image has set. */
const otherVariables = new Set(['REGISTRY_CONFIGURATION_PATH', 'REGISTRY_VERSION']);

/** What Kubernetes and docker links set for a Service named `registry…`: `REGISTRY_PORT=tcp://10.0.0.1:5000` and its siblings. */
const serviceLink =
  /^REGISTRY_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?|NAME|ENV_.*)$/;
const serviceAddress = /^(?:tcp|udp|sctp):\/\/[^/]*:\d+$/;

interface Override {
  readonly variable: string;
  readonly steps: readonly Step[];
  readonly schema: z.ZodType;
  readonly value: string;
}

/**
 * Lays the `REGISTRY_…` variables over what the file said, by distribution's rules: names are keys joined by `_` in any case, list
 * items go by index, keys of maps become lower case unless the file has them, shorter names come first. `…_FILE` reads a value
 * from a file, so that a secret need not stand in the environment.
 * @returns what is wrong with the variables
 */
export function overlayEnvironment(
  input: Record<string, Value>,
  environment: Environment,
  root: z.ZodType,
): Problem[] {
  const problems: Problem[] = [];
  const overrides: Override[] = [];
  const names = Object.keys(environment).filter(
    (name) => name.startsWith(prefix) && !otherVariables.has(name),
  );
  // Shorter names first: REGISTRY_STORAGE=s3 replaces the section before REGISTRY_STORAGE_S3_BUCKET adds to it.
  for (const name of names.toSorted()) {
    const value = environment[name];
    if (value === undefined || (name.endsWith('_PORT') && serviceAddress.test(value))) continue;
    const found = resolve(name, value, { input, root });
    if (found === undefined && serviceLink.test(name)) continue;
    if (found === undefined)
      problems.push({
        path: name,
        message: `no key of the configuration has this name${suggestion(name, root)}`,
      });
    else if ('message' in found) problems.push(found);
    else overrides.push(found);
  }
  for (const override of overrides) problems.push(...apply(override, input, overrides));
  return problems;
}

function resolve(
  name: string,
  value: string,
  { input, root }: { input: Value; root: z.ZodType },
): Override | Problem | undefined {
  const parts = name.slice(prefix.length).split('_');
  const direct = follow(parts, root, input);
  if (direct !== undefined && !(direct.free && parts.at(-1) === 'FILE'))
    return { variable: name, ...direct, value };
  const pointed = parts.at(-1) === 'FILE' ? follow(parts.slice(0, -1), root, input) : undefined;
  if (pointed === undefined) return direct && { variable: name, ...direct, value };
  try {
    return { variable: name, ...pointed, value: readFileSync(value, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    return {
      path: name,
      message: `the file it names cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'})`,
    };
  }
}

interface Target {
  readonly steps: readonly Step[];
  readonly schema: z.ZodType;
  /** The last key is one that a user chose, so any name fits. */
  readonly free: boolean;
}

/** Finds the key that the parts of a variable's name spell. */
function follow(parts: readonly string[], schema: z.ZodType, current: Value): Target | undefined {
  if (parts.length === 0) return { steps: [], schema, free: false };
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'section':
      return (
        followSection(parts, shape.keys, current) ?? (shape.open ? followDriver(parts, current) : undefined)
      );
    case 'list':
      return /^\d{1,4}$/.test(parts[0] ?? '')
        ? within(Number(parts[0]), parts.slice(1), shape.element, current)
        : undefined;
    case 'map':
      return followMap(parts, shape.value, current);
    case 'free':
    case 'scalar':
      return undefined;
  }
}

/** A key may itself hold `_` (`max_retries`), so it may be spelt by several parts. */
function followSection(
  parts: readonly string[],
  keys: Readonly<Record<string, z.ZodType>>,
  current: Value,
): Target | undefined {
  for (let count = 1; count <= parts.length; count++) {
    const word = parts.slice(0, count).join('_').toLowerCase();
    const found = Object.entries(keys).find(([key]) => key.toLowerCase() === word);
    const target = found && within(found[0], parts.slice(count), found[1], current);
    if (target !== undefined) return target;
  }
  return undefined;
}

function within(step: Step, rest: readonly string[], schema: z.ZodType, current: Value): Target | undefined {
  const target = follow(rest, schema, child(current, step));
  return target && { ...target, steps: [step, ...target.steps] };
}

function followMap(parts: readonly string[], valueSchema: z.ZodType, current: Value): Target {
  const isList = shapeOf(valueSchema).kind === 'list' && parts.length > 1 && /^\d+$/.test(parts.at(-1) ?? '');
  const key = existingKey(current, (isList ? parts.slice(0, -1) : parts).join('_'));
  return { steps: isList ? [key, Number(parts.at(-1))] : [key], schema: valueSchema, free: true };
}

/** A driver of somebody else's: the file must name it, and then its parameters may come from variables. */
function followDriver(parts: readonly string[], current: Value): Target | undefined {
  const [name = '', ...parameter] = parts;
  if (parameter.length === 0 || !isRecord(current)) return undefined;
  const key = Object.keys(current).find((candidate) => candidate.toUpperCase() === name);
  if (key === undefined) return undefined;
  const known = child(current, key);
  return { steps: [key, existingKey(known, parameter.join('_'))], schema: z.unknown(), free: true };
}

function existingKey(current: Value, word: string): string {
  const found = isRecord(current)
    ? Object.keys(current).find((key) => key.toUpperCase() === word.toUpperCase())
    : undefined;
  return found ?? word.toLowerCase();
}

function child(value: Value, key: Step): Value {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return isRecord(value) && typeof key === 'string' && Object.hasOwn(value, key) ? value[key] : undefined;
}

function apply(
  { variable, steps, schema, value }: Override,
  input: Record<string, Value>,
  all: readonly Override[],
): Problem[] {
  const twin = all.find(
    (other) => other.variable === `${variable}_FILE` && other.steps.join('.') === steps.join('.'),
  );
  if (twin !== undefined)
    return [{ path: variable, message: `is set beside ${twin.variable}; set one of them` }];
  const { kind } = shapeOf(schema);
  if (kind === 'scalar') return place(input, steps, value) ? [] : [gap(variable)];
  const compound = kind !== 'free' && /^\s*[[{]|:\s|^\s*- |\n/.test(value);
  const reading =
    kind === 'free' || compound
      ? readYaml(value, schema, variable)
      : { value: spread(value, schema), problems: [] };
  if (reading.problems.length > 0) return [...reading.problems];
  return place(input, steps, reading.value) ? [] : [gap(variable)];
}

const gap = (variable: string): Problem => ({
  path: variable,
  message: 'its index leaves a gap in the list; indexes count from 0 without gaps',
});

function suggestion(name: string, root: z.ZodType): string {
  const shape = shapeOf(root);
  const sections = shape.kind === 'section' ? shape.keys : {};
  const meant = nearest(name, namesOf(sections, prefix, 4));
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

function namesOf(keys: Readonly<Record<string, z.ZodType>>, before: string, depth: number): string[] {
  return Object.entries(keys).flatMap(([key, schema]) =>
    namesFrom(schema, `${before}${key.toUpperCase()}`, depth),
  );
}

function namesFrom(schema: z.ZodType, name: string, depth: number): string[] {
  const shape = shapeOf(schema);
  return shape.kind === 'section' && depth > 0
    ? [name, ...namesOf(shape.keys, `${name}_`, depth - 1)]
    : [name];
}
