import { ConfigurationError, effectiveConfiguration, printConfiguration } from '@longshore/configuration';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { standaloneDefaults } from '../standalone-defaults.ts';

export const configurationPrintCommand: Command = {
  name: 'configuration print',
  usage: '[--config FILE] [--standalone]',
  summary: 'write the configuration as it is in effect, with the origin of each key; secrets are masked',
  options: ['config', 'standalone'],
  mostWords: 0,
  run,
};

function run({ config, standalone, environment, print, complain }: CommandContext): ExitStatus {
  try {
    const keys = effectiveConfiguration({
      environment,
      ...(config === undefined ? {} : { file: config }),
      ...(standalone ? { defaults: standaloneDefaults(environment) } : {}),
    });
    print(printConfiguration(keys));
    return exitStatus.ok;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { path, message } of error.problems) complain(`${path} ${message}`);
    return exitStatus.configuration;
  }
}
