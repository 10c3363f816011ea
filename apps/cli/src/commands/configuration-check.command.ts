import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { sourcesOf } from '../sources.ts';
import { inspectConfiguration } from './inspect-configuration.ts';

export const configurationCheckCommand: Command = {
  name: 'configuration check',
  summary: 'list everything for which a start would refuse the configuration, and the keys without effect',
  details:
    'Files, certificates, addresses and drivers that the configuration names are looked at, too; no server is asked.',
  examples: [
    'longshore configuration check --standalone --config registry.yml',
    'longshore configuration check --service auth-service',
  ],
  options: ['config', 'standalone', 'service'],
  run,
};

async function run(context: CommandContext): Promise<ExitStatus> {
  const service = context.standalone === true ? 'standalone' : context.service;
  const inspection = await inspectConfiguration(sourcesOf(context), service);
  const { problems, warnings } = inspection;
  const lines = [
    ...warnings.map(({ path, message }) => `warning: ${path} ${message}`),
    ...problems.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)),
  ];
  if (problems.length === 0) {
    context.report(inspection, [...lines, 'OK']);
    return exitStatus.ok;
  }
  context.report(inspection, []);
  for (const line of [...lines, `${problems.length} problem${problems.length === 1 ? '' : 's'}`])
    context.complain(line);
  return exitStatus.configuration;
}
