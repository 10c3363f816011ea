import {
  codeOf,
  asConfigurationError,
  type Configuration,
  type ConfigurationSources,
  loadConfigurationWithWarnings,
  type Problem,
} from '@longshore/configuration';
import { type Parameters, parseParameters, UsageError, usage } from './parameters.ts';
import { closeOnSignal, endOnSignal, keepDebuggerShut, outliveReaders } from './shutdown.ts';
import { type ServiceDefinition, startService } from './start-service.ts';

/** Exit status of an invalid configuration (sysexits.h EX_CONFIG), which a supervisor can distinguish from a crash. */
const configurationStatus = 78;
/** Exit status of an invalid command line (sysexits.h EX_USAGE). */
const usageStatus = 64;
/** Most milliseconds of a shutdown, unless configured. */
const defaultDrain = 30_000;

/** The main of a service: configuration, start, signals. Ends the process with one clear message if it cannot start. */
export async function runService(definition: ServiceDefinition): Promise<void> {
  process.title = `longshore-${definition.name}`;
  const started = endOnSignal();
  keepDebuggerShut();
  outliveReaders();
  try {
    const parameters = readParameters(`longshore-${definition.name}`);
    const config = readConfiguration(parameters, { needs: definition.needs });
    const service = await startService(definition, config);
    closeOnSignal({ close: service.close, log: service.log, deadline: drainDeadline(config) });
    started();
    service.log.info(`${definition.name} is ready`);
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(failureStatus(error));
  }
}

/** Returns the exit status of a failed start. */
export function failureStatus(error: unknown): number {
  if (asConfigurationError(error) !== undefined) return configurationStatus;
  return error instanceof UsageError ? usageStatus : 1;
}

/** Reads the parameters of this process. `--help` prints the usage and ends the process. @throws UsageError */
export function readParameters(command: string): Parameters {
  const parameters = parseParameters(process.argv.slice(2), command);
  if (!parameters.help) return parameters;
  process.stdout.write(`${usage(command)}\n`);
  process.exit(0);
}

export function drainDeadline({ http: { draintimeout } }: Configuration): number {
  return draintimeout > 0 ? draintimeout : defaultDrain;
}

/**
 * `--config FILE` wins over REGISTRY_CONFIGURATION_PATH. A REGISTRY_ variable overrides its key. Reports keys without effect on standard error.
 * @throws ConfigurationError
 */
export function readConfiguration(
  { config: file }: Parameters,
  { needs, defaults }: Pick<ConfigurationSources, 'needs' | 'defaults'> = {},
): Configuration {
  const { configuration, warnings } = loadConfigurationWithWarnings({
    environment: process.env,
    ...(file === undefined ? {} : { file }),
    ...(needs === undefined ? {} : { needs }),
    ...(defaults === undefined ? {} : { defaults }),
  });
  for (const line of told(warnings)) process.stderr.write(`${line}\n`);
  return configuration;
}

const told = (warnings: readonly Problem[]): string[] =>
  warnings.map(({ path, message }) => `longshore: warning: ${path} ${message}`);

/** Returns one line for failures that a user can repair, and the whole error for defects of ours. */
export function startFailure(error: unknown): string {
  const code = codeOf(error);
  const address = error instanceof Error && 'port' in error ? `port ${String(error.port)}` : 'the address';
  if (code === 'EADDRINUSE')
    return `Longshore cannot start: ${address} is in use. Stop what listens there, or set REGISTRY_HTTP_ADDR.`;
  if (code === 'EACCES' && error instanceof Error) return `Longshore cannot start: ${error.message}`;
  const wrong = asConfigurationError(error);
  if (wrong !== undefined) return [...told(wrong.warnings), wrong.message].join('\n');
  if (error instanceof UsageError) return error.message;
  return `Longshore cannot start: ${isDefect(error) ? (error.stack ?? error.message) : messages(error).join(': ')}`;
}

/** Tells whether JavaScript itself threw the error. */
function isDefect(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

/** Returns the messages of the error and its causes, each once: one often repeats the other. */
function messages(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  const own = error.message === '' ? error.name : error.message;
  const causes =
    error.cause === undefined ? [] : messages(error.cause).filter((cause) => !own.includes(cause));
  return [own, ...causes].map((message) => message.trim().replaceAll(/\s*\n\s*/g, ' '));
}
