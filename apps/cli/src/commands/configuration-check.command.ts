import { isServiceName, serviceNames } from '@longshore/configuration';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { standaloneDefaults } from '../standalone-defaults.ts';
import { type Inspection, inspectConfiguration } from './inspect-configuration.ts';

export const configurationCheckCommand: Command = {
  name: 'configuration check',
  usage: '[--config FILE] [--standalone | --service NAME]',
  summary: 'list everything for which a start would refuse the configuration, and the keys without effect',
  options: ['config', 'standalone', 'service'],
  mostWords: 0,
  run,
};

async function run(context: CommandContext): Promise<ExitStatus> {
  const { config, standalone, environment, complain } = context;
  const service = standalone ? 'standalone' : context.service;
  if (service !== undefined && !isServiceName(service)) {
    complain(`there is no service ${service}; they are ${serviceNames.join(', ')}`);
    return exitStatus.usage;
  }
  const sources = {
    environment,
    ...(config === undefined ? {} : { file: config }),
    ...(service === 'standalone' ? { defaults: standaloneDefaults(environment) } : {}),
  };
  return tell(await inspectConfiguration(sources, service), context);
}

function tell({ problems, warnings }: Inspection, { print, complain }: CommandContext): ExitStatus {
  const say = problems.length === 0 ? print : complain;
  for (const { path, message } of warnings) say(`warning: ${path} ${message}`);
  for (const { path, message } of problems) say(path === '' ? message : `${path} ${message}`);
  say(problems.length === 0 ? 'OK' : `${problems.length} problem${problems.length === 1 ? '' : 's'}`);
  return problems.length === 0 ? exitStatus.ok : exitStatus.configuration;
}
