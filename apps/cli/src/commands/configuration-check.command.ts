import { ConfigurationError, loadConfigurationWithWarnings } from '@longshore/configuration';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

export const configurationCheckCommand: Command = {
  name: 'configuration check',
  usage: '[--config FILE] [--standalone]',
  summary: 'list everything that is wrong with the configuration, and the keys without effect',
  options: ['config', 'standalone'],
  mostWords: 0,
  run,
};

/** What the standalone registry assumes and a service does not. */
export const standaloneDefaults = { storage: { filesystem: { rootdirectory: '.longshore/storage' } } };

function run({ config, standalone, environment, print, complain }: CommandContext): ExitStatus {
  try {
    const { warnings } = loadConfigurationWithWarnings({
      environment,
      ...(config === undefined ? {} : { file: config }),
      ...(standalone ? { defaults: standaloneDefaults } : {}),
    });
    for (const { path, message } of warnings) print(`warning: ${path} ${message}`);
    print('OK');
    return exitStatus.ok;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { path, message } of error.warnings) complain(`warning: ${path} ${message}`);
    for (const { path, message } of error.problems) complain(path === '' ? message : `${path} ${message}`);
    complain(error.problems.length === 1 ? '1 problem' : `${error.problems.length} problems`);
    return exitStatus.configuration;
  }
}
