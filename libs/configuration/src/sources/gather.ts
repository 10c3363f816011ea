import { readFileSync } from 'node:fs';
import { codeOf } from '../values/code-of.ts';
import { shapeOf } from '@longshore/fields';
import { isDriverName } from '@longshore/stores/catalogue';
import type { Problem } from '../configuration-error.ts';
import { configurationSchema } from '../schema.ts';
import { readYaml, type Value } from './document.ts';
import { overlayEnvironment, type Environment } from './environment.ts';
import { isRecord } from './place-value.ts';

export interface Sources {
  /** Path of the YAML file. Default: `REGISTRY_CONFIGURATION_PATH`. Without either, only the environment is read. */
  readonly file?: string;
  readonly environment: Environment;
  /** Defaults for keys that neither file nor environment sets, in the form of a file. */
  readonly defaults?: { readonly [key: string]: Value };
}

/** The source of a value. */
export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'variable'; readonly variable: string }
  /** A default of the caller, such as the standalone registry. */
  | { readonly kind: 'presumed' };

/** Returns the origin of a key, or of the section that it was given with. Undefined for a default. */
export function originOf(origins: ReadonlyMap<string, Origin>, path: readonly string[]): Origin | undefined {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(path.slice(0, length).join('.'));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

export interface Gathered {
  /** The given keys, as they were written. */
  readonly input: Record<string, Value>;
  /** Origins by the path of a key, or of a section above it. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** False if the file could not be read. */
  readonly isReadable: boolean;
}

/** Reads the file, applies the variables over it and the defaults under both. Does not check against the schema. */
export function gather({ file, environment, defaults = {} }: Sources): Gathered {
  const path = file ?? environment['REGISTRY_CONFIGURATION_PATH'];
  const origins = new Map<string, Origin>();
  const { input, problems, lines } =
    path === undefined || path === ''
      ? { input: { version: '0.1' }, problems: [], lines: new Map<string, number>() }
      : readFile(path);
  for (const [key, line] of lines) origins.set(key, { kind: 'file', file: path ?? '', line });
  const overlay = overlayEnvironment(input, environment, configurationSchema);
  for (const [key, variable] of overlay.variables) {
    // A variable that replaces a value replaces everything below it, so the file's origins there are dropped.
    for (const below of origins.keys())
      if (below.startsWith(`${key}.`) && isFile(origins, below)) origins.delete(below);
    origins.set(key, { kind: 'variable', variable });
  }
  for (const key of underlay(input, defaults)) origins.set(key, { kind: 'presumed' });
  return {
    input,
    origins,
    problems: [...problems, ...overlay.problems],
    warnings: overlay.warnings,
    isReadable: problems.length === 0,
  };
}

const isFile = (origins: ReadonlyMap<string, Origin>, key: string): boolean =>
  origins.get(key)?.kind === 'file';

interface FileReading {
  readonly input: Record<string, Value>;
  readonly problems: readonly Problem[];
  readonly lines: ReadonlyMap<string, number>;
}

const refusal = (...problems: Problem[]): FileReading => ({ input: {}, problems, lines: new Map() });

function readFile(path: string): FileReading {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error';
    return refusal({ path, message: `cannot be read (${code})` });
  }
  const { value, problems, lines } = readYaml(text, configurationSchema, path);
  if (problems.length > 0) return refusal(...problems);
  return isRecord(value)
    ? { input: value, problems, lines }
    : refusal({ path, message: 'must hold a map of sections' });
}

/** Fills in missing keys. A default driver is dropped if another one is named. @returns the paths that it filled in */
function underlay(
  input: Record<string, Value>,
  defaults: Readonly<Record<string, Value>>,
  path: readonly string[] = [],
): string[] {
  return Object.entries(defaults).flatMap(([key, value]) => {
    const current = input[key];
    const here = [...path, key];
    if (current === undefined) {
      input[key] = asText(value);
      return [here.join('.')];
    }
    if (!isRecord(current) || !isRecord(value)) return [];
    return underlay(current, key === 'storage' && namesDriver(current) ? withoutDrivers(value) : value, here);
  });
}

const namesDriver = (section: Record<string, Value>): boolean => {
  const shape = shapeOf(configurationSchema.shape.storage);
  const settings =
    shape.kind === 'section' ? Object.keys(shape.keys).filter((key) => !isDriverName(key)) : [];
  return Object.keys(section).some((key) => !settings.includes(key));
};

const withoutDrivers = (section: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(section).filter(([key]) => !isDriverName(key)));

function asText(value: Value): Value {
  if (Array.isArray(value)) return value.map(asText);
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asText(inner)]));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** Tells whether the file or a variable names a store. */
export function namesStore(sources: Sources): boolean {
  const { storage } = gather(sources).input;
  return isRecord(storage) && namesDriver(storage);
}
