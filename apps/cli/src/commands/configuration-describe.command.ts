import { type ConfigurationRow, describeConfiguration } from '@longshore/configuration';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

export const configurationDescribeCommand: Command = {
  name: 'configuration describe',
  usage: '[KEY]',
  summary: 'explain every key, or those below KEY, with its default and its variable',
  options: [],
  mostWords: 1,
  run,
};

function run({ words: [key], print, complain }: CommandContext): ExitStatus {
  const rows = describeConfiguration().filter((row) => key === undefined || isAtOrBelow(row, key));
  if (rows.length === 0) {
    complain(`${key} is no key of the configuration`);
    return exitStatus.usage;
  }
  for (const row of rows) for (const line of linesOf(row)) print(line);
  return exitStatus.ok;
}

function isAtOrBelow({ key }: ConfigurationRow, wanted: string): boolean {
  return key === wanted || key.startsWith(`${wanted}.`) || key.startsWith(`${wanted}[].`);
}

function linesOf(row: ConfigurationRow): string[] {
  const { key, description } = row;
  // The rows are written for a Markdown table, where a bar is escaped.
  const type = row.type.replaceAll(String.raw`\|`, '|');
  if (type === 'section') return [key, `    ${description}`];
  const fallback = row.default === 'required' || row.default === '' ? row.default : `default ${row.default}`;
  return [
    [key, `(${[type, fallback].filter((part) => part !== '').join(', ')})`, row.environment].join('  '),
    `    ${description}`,
  ];
}
