import { type Configuration, ConfigurationError, standaloneHome } from '@longshore/configuration';
import { databaseUrl, homeDatabaseUrl } from '@longshore/metadata';
import type { CommandContext } from './command.ts';

/**
 * The address of the database that a command line means: the configured one, or with `--standalone` that of the registry that `npm start` runs.
 *
 * @throws ConfigurationError when there is neither
 */
export async function databaseUrlOf(
  { standalone, environment }: Pick<CommandContext, 'standalone' | 'environment'>,
  { postgres }: Configuration,
): Promise<string> {
  if (postgres !== undefined) return databaseUrl(postgres);
  if (standalone !== true)
    throw missing(
      'is required: name a configuration that has it (--config FILE), or say --standalone for the registry that `npm start` runs',
    );
  const home = standaloneHome(environment['LONGSHORE_HOME']);
  const url = await homeDatabaseUrl(home);
  if (url !== undefined) return url;
  throw missing(
    `is required, since no registry runs in ${home}: start it, or name its home in LONGSHORE_HOME`,
  );
}

function missing(message: string): ConfigurationError {
  return new ConfigurationError([{ path: 'postgres', message }]);
}
