import { type ConfigurationSources, standaloneDefaults, standaloneHome } from '@longshore/configuration';
import type { CommandContext } from './command.ts';

/** Stands for the generated secret: no command needs its value. */
const secret = 'made at the first start';

/** Returns the sources of the configuration that a command line selects. */
export function sourcesOf({
  config,
  standalone,
  service,
  environment,
}: CommandContext): ConfigurationSources {
  const isStandalone = standalone === true || service === 'standalone';
  return {
    environment,
    ...(config === undefined ? {} : { file: config }),
    ...(isStandalone
      ? { defaults: standaloneDefaults(standaloneHome(environment['LONGSHORE_HOME']), secret) }
      : {}),
  };
}
