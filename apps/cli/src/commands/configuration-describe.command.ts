import { type ConfigurationRow, describeConfiguration } from '@longshore/configuration';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

export const configurationDescribeCommand: Command = {
  name: 'configuration describe',
  summary: 'explain every key, or those below one, with its default and its variable',
  examples: ['longshore configuration describe notifications', 'longshore configuration describe gc.grace'],
  words: [{ name: 'key', summary: 'a key such as http.tls', isOptional: true }],
  options: [],
  run,
};

function run({ words: [key], report, complain }: CommandContext): ExitStatus {
  const rows = describeConfiguration().filter((row) => key === undefined || isAtOrBelow(row, key));
  if (rows.length === 0) {
    complain(`${key} is no key of the configuration; without a key, all are listed`);
    return exitStatus.usage;
  }
  report(rows, rows.flatMap(linesOf));
  return exitStatus.ok;
}

function isAtOrBelow({ key }: ConfigurationRow, wanted: string): boolean {
  return key === wanted || key.startsWith(`${wanted}.`) || key.startsWith(`${wanted}[].`);
}

function linesOf(row: ConfigurationRow): string[] {
  const { key, description } = row;
  // The rows are written for a Markdown table, which escapes bars.
  const type = row.type.replaceAll(String.raw`\|`, '|');
  if (type === 'section') return [key, `    ${description}`];
  const fallback = row.default === 'required' || row.default === '' ? row.default : `default ${row.default}`;
  return [
    [key, `(${[type, fallback].filter((part) => part !== '').join(', ')})`, row.environment].join('  '),
    `    ${description}`,
  ];
}
