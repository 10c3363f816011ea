import { ConfigurationError, type Problem } from './configuration-error.ts';
import { problemsOf } from './problems.ts';
import { configurationSchema, type Configuration } from './schema.ts';
import type { Value } from './sources/document.ts';
import { gather, type Sources } from './sources/gather.ts';
import { isRecord } from './sources/place-value.ts';
import { warningsOf } from './warnings.ts';

/** A section that some services require and others do not. */
export type Need = 'postgres' | 'nats' | 'http.secret' | 'services.secret' | 'services.blobservice.urls';

export interface ConfigurationSources extends Sources {
  readonly needs?: readonly Need[];
}

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** Keys that were accepted without effect, each with the reason. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads the file and the `REGISTRY_…` variables, and checks both against one schema.
 * @throws ConfigurationError with every problem found
 */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  return loadConfigurationWithWarnings(sources).configuration;
}

/** Does the same as loadConfiguration, and returns the keys that were accepted without effect. @throws ConfigurationError */
export function loadConfigurationWithWarnings(sources: ConfigurationSources): LoadedConfiguration {
  const { needs = [] } = sources;
  const { input, origins, problems: found, warnings: empty, isReadable } = gather(sources);
  const problems = [...found];
  const result = configurationSchema.safeParse(input);
  // After an unreadable file all keys are missing; reporting each would add nothing.
  if (!result.success && isReadable) problems.push(...problemsOf(result.error.issues));
  problems.push(
    ...needs
      .filter((need) => !has(input, need))
      .map((need) => ({ path: need, message: 'is required by this service' })),
  );
  const warnings = [...empty, ...warningsOf(input, origins)];
  if (!result.success || problems.length > 0) throw new ConfigurationError(problems, { warnings });
  return { configuration: result.data, warnings };
}

function has(input: Record<string, Value>, need: Need): boolean {
  let value: Value = input;
  for (const step of need.split('.')) value = isRecord(value) ? value[step] : undefined;
  return value !== undefined && (!Array.isArray(value) || value.length > 0);
}
