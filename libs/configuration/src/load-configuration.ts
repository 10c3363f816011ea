import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigurationError, type Problem } from './configuration-error.ts';
import { drivers } from './fragments/drivers.ts';
import { configurationSchema, type Configuration } from './schema.ts';
import { shapeOf } from './shape.ts';
import { readYaml, type Value } from './sources/document.ts';
import { overlayEnvironment, type Environment } from './sources/environment.ts';
import { isRecord } from './sources/place.ts';
import { nearest } from './values/nearest.ts';
import { warningsOf } from './warnings.ts';

/** Sections without which a service cannot do its work, though another can. */
export type Need = 'postgres' | 'nats' | 'http.secret' | 'services.blobservice.urls';

export interface ConfigurationSources {
  /** Path of the YAML file; by default `REGISTRY_CONFIGURATION_PATH`, and without either only the environment speaks. */
  readonly file?: string;
  readonly environment: Environment;
  /** What holds where neither file nor environment says something else; written as a file would say it. */
  readonly defaults?: { readonly [key: string]: Value };
  readonly needs?: readonly Need[];
}

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** Keys that were accepted and have no effect, each with the reason. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads the file and the `REGISTRY_…` variables and checks both against one schema.
 * @throws ConfigurationError with every problem found
 */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  return loadConfigurationWithWarnings(sources).configuration;
}

/** As loadConfiguration, and tells what was accepted without effect. @throws ConfigurationError */
export function loadConfigurationWithWarnings({
  file,
  environment,
  defaults = {},
  needs = [],
}: ConfigurationSources): LoadedConfiguration {
  const path = file ?? environment['REGISTRY_CONFIGURATION_PATH'];
  const read =
    path === undefined || path === '' ? { input: { version: '0.1' }, problems: [] } : readFile(path);
  const { input } = read;
  const problems = [...read.problems, ...overlayEnvironment(input, environment, configurationSchema)];
  underlay(input, defaults);
  const result = configurationSchema.safeParse(input);
  // A file that could not be read has no keys; that all of them are missing is not worth saying.
  if (!result.success && read.problems.length === 0)
    problems.push(...result.error.issues.flatMap((issue) => problemsOf(issue)));
  problems.push(
    ...needs
      .filter((need) => !has(input, need))
      .map((need) => ({ path: need, message: 'is required by this service' })),
  );
  if (!result.success || problems.length > 0) throw new ConfigurationError(problems);
  return { configuration: result.data, warnings: warningsOf(input) };
}

function readFile(path: string): { input: Record<string, Value>; problems: readonly Problem[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { input: {}, problems: [{ path, message: `cannot be read (${code})` }] };
  }
  const { value, problems } = readYaml(text, configurationSchema, path);
  if (problems.length > 0) return { input: {}, problems };
  return isRecord(value)
    ? { input: value, problems }
    : { input: {}, problems: [{ path, message: 'must hold a map of sections' }] };
}

/** Fills in what is missing. A driver of the defaults steps back when another one is named. */
function underlay(input: Record<string, Value>, defaults: Readonly<Record<string, Value>>): void {
  for (const [key, value] of Object.entries(defaults)) {
    const current = input[key];
    if (current === undefined) input[key] = asText(value);
    else if (isRecord(current) && isRecord(value))
      underlay(current, key === 'storage' && namesDriver(current) ? withoutDrivers(value) : value);
  }
}

const namesDriver = (section: Record<string, Value>): boolean => {
  const shape = shapeOf(configurationSchema.shape.storage);
  const settings = shape.kind === 'section' ? Object.keys(shape.keys).filter((key) => !(key in drivers)) : [];
  return Object.keys(section).some((key) => !settings.includes(key));
};

const withoutDrivers = (section: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(section).filter(([key]) => !(key in drivers)));

function asText(value: Value): Value {
  if (Array.isArray(value)) return value.map(asText);
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asText(inner)]));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

function has(input: Record<string, Value>, need: Need): boolean {
  let value: Value = input;
  for (const step of need.split('.')) value = isRecord(value) ? value[step] : undefined;
  return value !== undefined && (!Array.isArray(value) || value.length > 0);
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map(String);
  const at = path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      return {
        path: [...path, key].join('.'),
        message: `is no key of the configuration${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      };
    });
  }
  if (issue.code === 'invalid_type')
    return [
      {
        path: at,
        message: issue.message.endsWith('received undefined') ? 'is required' : mustBe(issue.expected),
      },
    ];
  return [{ path: at, message: issue.message }];
}

function mustBe(expected: string): string {
  if (expected === 'object' || expected === 'record') return 'must be a section of keys';
  return expected === 'array' ? 'must be a list' : 'must be a single value';
}

function keysAt(path: readonly string[]): string[] {
  let schema: z.ZodType = configurationSchema;
  for (const step of path) {
    const shape = shapeOf(schema);
    const below =
      shape.kind === 'section'
        ? shape.keys[step]
        : shape.kind === 'list'
          ? shape.element
          : shape.kind === 'map'
            ? shape.value
            : undefined;
    if (below === undefined) return [];
    schema = below;
  }
  const shape = shapeOf(schema);
  return shape.kind === 'section' ? Object.keys(shape.keys) : [];
}
