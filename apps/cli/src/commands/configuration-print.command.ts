import { ConfigurationError, effectiveConfiguration, printConfiguration } from '@longshore/configuration';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { sourcesOf } from '../sources.ts';

export const configurationPrintCommand: Command = {
  name: 'configuration print',
  summary: 'write the configuration as it is in effect, with the origin of each key; secrets are masked',
  examples: ['longshore configuration print --standalone --config registry.yml'],
  options: ['config', 'standalone'],
  run,
};

function run(context: CommandContext): ExitStatus {
  try {
    const keys = effectiveConfiguration(sourcesOf(context));
    const document = keys.map(({ path, value, origin }) => ({ key: path.join('.'), value, origin }));
    context.report(document, [printConfiguration(keys)]);
    return exitStatus.ok;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { path, message } of error.problems) context.complain(`${path} ${message}`);
    return exitStatus.configuration;
  }
}
