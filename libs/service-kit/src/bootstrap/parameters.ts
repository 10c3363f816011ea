import { parseArgs } from 'node:util';
import { fromUser } from '@longshore/configuration';

/** The parsed command line of a service, or of the standalone registry. */
export interface Parameters {
  /** The configuration file, as an absolute path. */
  readonly config: string | undefined;
  readonly help: boolean;
}

/** An invalid command line. The message ends with the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Parses `--config FILE`, `--config=FILE` and `--help`. @throws UsageError for everything else, so that a misspelt word does not start a registry
 * with defaults
 */
export function parseParameters(words: readonly string[], command: string): Parameters {
  const { tokens } = parseArgs({ args: [...words], options, strict: false, tokens: true });
  const problem = tokens.map(problemOf).find((found) => found !== undefined);
  const files = tokens.flatMap((token) =>
    token.kind === 'option' && token.name === 'config' ? [token.value ?? ''] : [],
  );
  const [config, again] = files;
  const reason = problem ?? (again === undefined ? undefined : '--config is given more than once');
  if (reason !== undefined) throw new UsageError(`${reason}\n\n${usage(command)}`);
  return {
    config: config === undefined ? undefined : fromUser(config),
    help: tokens.some((token) => token.kind === 'option' && token.name === 'help'),
  };
}

type Token = ReturnType<typeof parseArgs<{ tokens: true; strict: false }>>['tokens'][number];

function problemOf(token: Token): string | undefined {
  if (token.kind === 'option-terminator') return undefined;
  if (token.kind === 'positional')
    return `"${token.value}" is no parameter; a configuration file is given as --config ${token.value}`;
  const { name, rawName, value = '', inlineValue } = token;
  if (name === 'help') return undefined;
  if (name !== 'config')
    return `there is no parameter ${rawName}; what is not here is a key of the configuration`;
  const isFile = value !== '' && (inlineValue === true || !value.startsWith('-'));
  return isFile ? undefined : `${rawName} needs the path of a file`;
}

const options = { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;

export function usage(command: string): string {
  return `usage: ${command} [--config FILE]

  --config FILE  the configuration in YAML; a relative path begins where you stand.
                 Without it: the file of REGISTRY_CONFIGURATION_PATH, or the defaults
  --help         this text

Each key may also be a variable: REGISTRY_HTTP_ADDR=127.0.0.1:5050 is http.addr.`;
}
