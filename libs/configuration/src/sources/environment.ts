import { readFileSync } from 'node:fs';
import { codeOf } from '../values/code-of.ts';
import { isOpaque, nearest, shapeOf } from '@longshore/fields';
import { z } from 'zod';
import type { Problem } from '../configuration-error.ts';
import { isRecord, place, type Step } from './place-value.ts';
import { readVariable, readYaml, type Reading, spread, type Value } from './document.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'REGISTRY_';

/** Variables with the prefix that are not keys: the file's own path, and those that distribution's image sets. */
const otherVariables = new Set(['REGISTRY_CONFIGURATION_PATH', 'REGISTRY_VERSION']);

/** Variables that Kubernetes and docker links set for a Service named `registry…`, such as `REGISTRY_PORT=tcp://10.0.0.1:5000`. */
const serviceLink =
  /^REGISTRY_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?|NAME|ENV_.*)$/;
const serviceAddress = /^(?:tcp|udp|sctp):\/\/[^/]*:\d+$/;

interface Override {
  readonly variable: string;
  readonly steps: readonly Step[];
  readonly schema: z.ZodType;
  readonly value: string;
  /** True if the value is the text of the file that a `…_FILE` variable names, and therefore not YAML. */
  readonly isFile: boolean;
  /** True for a key that has no effect or is refused: the keys below it are not checked. */
  readonly opaque: boolean;
}

export interface Overlay {
  /** Problems of the variables. */
  readonly problems: readonly Problem[];
  /** Variables without effect. */
  readonly warnings: readonly Problem[];
  /** The variable that set a key, by the key's path. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * Applies the `REGISTRY_…` variables to the file's values, by distribution's rules: names are keys joined by `_` in any case, list items go by index,
 * keys of maps become lower case unless the file has them, shorter names come first, and values are YAML. `…_FILE` reads the value from a file,
 * literally, so that a secret need not be in the environment.
 */
export function overlayEnvironment(
  input: Record<string, Value>,
  environment: Environment,
  root: z.ZodType,
): Overlay {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const variables = new Map<string, string>();
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
  for (const override of overrides) {
    const { variable, steps } = override;
    const outcome = apply(override, input, overrides);
    problems.push(...outcome.problems);
    warnings.push(...outcome.warnings);
    if (outcome.isSet) variables.set(steps.join('.'), variable);
  }
  return { problems, warnings, variables };
}

function resolve(
  name: string,
  value: string,
  { input, root }: { input: Value; root: z.ZodType },
): Override | Problem | undefined {
  const parts = name.slice(prefix.length).split('_');
  const direct = follow(parts, root, input);
  if (direct !== undefined && !(direct.free && parts.at(-1) === 'FILE'))
    return { variable: name, ...direct, value, isFile: false };
  const pointed = parts.at(-1) === 'FILE' ? follow(parts.slice(0, -1), root, input) : undefined;
  if (pointed === undefined) return direct && { variable: name, ...direct, value, isFile: false };
  try {
    const text = readFileSync(value, 'utf8').replace(/\r?\n$/, '');
    return { variable: name, ...pointed, value: text, isFile: true };
  } catch (error) {
    return {
      path: name,
      message: `the file it names cannot be read (${codeOf(error) ?? 'unknown error'})`,
    };
  }
}

interface Target {
  readonly steps: readonly Step[];
  readonly schema: z.ZodType;
  /** True if the user chose the last key, so that any name fits. */
  readonly free: boolean;
  readonly opaque: boolean;
}

/** Finds the key that the parts of a variable's name spell. */
function follow(parts: readonly string[], schema: z.ZodType, current: Value): Target | undefined {
  const shape = shapeOf(schema);
  const opaque = isOpaque(shape.facts);
  if (opaque || parts.length === 0) return { steps: [], schema, free: false, opaque };
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
      return followFree(parts, current);
    case 'scalar':
      return undefined;
  }
}

/** Follows a section. A key may contain `_` (`max_retries`), so several parts may spell it. */
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
  const { kind } = shapeOf(valueSchema);
  const deeper = kind === 'free' ? followDriver(parts, current) : undefined;
  if (deeper !== undefined) return deeper;
  const isList = kind === 'list' && parts.length > 1 && /^\d+$/.test(parts.at(-1) ?? '');
  const key = existingKey(current, (isList ? parts.slice(0, -1) : parts).join('_'));
  return {
    steps: isList ? [key, Number(parts.at(-1))] : [key],
    schema: valueSchema,
    free: true,
    opaque: false,
  };
}

/** Follows a third-party driver. The file must name it; then variables may set its parameters. */
function followDriver(parts: readonly string[], current: Value): Target | undefined {
  const [name = '', ...parameter] = parts;
  if (parameter.length === 0 || !isRecord(current)) return undefined;
  const key = Object.keys(current).find((candidate) => candidate.toUpperCase() === name);
  if (key === undefined) return undefined;
  const target = followFree(parameter, child(current, key));
  return target && { ...target, steps: [key, ...target.steps] };
}

/** Follows a parameter of a third-party driver. Its schema is unknown, so it is one key, whatever its name. */
function followFree(parts: readonly string[], current: Value): Target | undefined {
  return isRecord(current) || current === undefined
    ? { steps: [existingKey(current, parts.join('_'))], schema: z.unknown(), free: true, opaque: false }
    : undefined;
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

interface Outcome {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly isSet: boolean;
}

const refusal = (path: string, message: string): Outcome => ({
  problems: [{ path, message }],
  warnings: [],
  isSet: false,
});

function apply(override: Override, input: Record<string, Value>, all: readonly Override[]): Outcome {
  const { variable, steps, opaque } = override;
  const twin = all.find(
    (other) => other.variable === `${variable}_FILE` && other.steps.join('.') === steps.join('.'),
  );
  if (twin !== undefined) return refusal(variable, `is set beside ${twin.variable}; set one of them`);
  const reading = opaque ? { value: {}, problems: [] } : read(override);
  if (reading === undefined)
    return {
      problems: [],
      warnings: [{ path: variable, message: 'is empty and has no effect' }],
      isSet: false,
    };
  if (reading.problems.length > 0) return { problems: reading.problems, warnings: [], isSet: false };
  if (place(input, steps, reading.value)) return { problems: [], warnings: [], isSet: true };
  return refusal(variable, 'its index leaves a gap in the list; indexes count from 0 without gaps');
}

/** Returns the value of a variable in the form that its key expects, or undefined if it has none. */
function read({
  variable,
  schema,
  value,
  isFile,
}: Override): Pick<Reading, 'value' | 'problems'> | undefined {
  const { kind } = shapeOf(schema);
  if (kind === 'scalar' && !isFile) {
    const said = readVariable(value);
    if (said.kind === 'nothing') return undefined;
    const message = 'has a # where YAML begins a comment; put the value between quotes';
    return said.kind === 'text'
      ? { value: said.text, problems: [] }
      : { value: undefined, problems: [{ path: variable, message }] };
  }
  if (kind === 'scalar') return { value, problems: [] };
  const compound = kind !== 'free' && /^\s*[[{"']|:\s|^\s*- |\n/.test(value);
  return kind === 'free' || compound
    ? readYaml(value, schema, variable)
    : { value: spread(value, schema), problems: [] };
}

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
