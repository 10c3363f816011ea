import type { ConfigurationSources } from '@longshore/configuration';
import type { CommandContext } from './command.ts';
import { standaloneDefaults } from './standalone-defaults.ts';

/** Returns the sources of the configuration that a command line selects. */
export function sourcesOf({
  config,
  standalone,
  service,
  environment,
}: CommandContext): ConfigurationSources {
  return {
    environment,
    ...(config === undefined ? {} : { file: config }),
    ...(standalone === true || service === 'standalone' ? { defaults: standaloneDefaults(environment) } : {}),
  };
}
