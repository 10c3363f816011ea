import { parseArgs } from 'node:util';
import { type Command, type CommandContext, type ExitStatus, exitStatus, optionNames } from './command.ts';
import { configurationCheckCommand } from './commands/configuration-check.command.ts';
import { configurationDescribeCommand } from './commands/configuration-describe.command.ts';
import { configurationPrintCommand } from './commands/configuration-print.command.ts';
import { migrateCommand } from './commands/migrate.command.ts';
import { storageCheckCommand } from './commands/storage-check.command.ts';
import { storageCopyCommand } from './commands/storage-copy.command.ts';

const commands: readonly Command[] = [
  migrateCommand,
  configurationCheckCommand,
  configurationDescribeCommand,
  configurationPrintCommand,
  storageCheckCommand,
  storageCopyCommand,
];

type Surroundings = Pick<CommandContext, 'environment' | 'print' | 'complain'>;

/** Runs one command line and says how the process should end. Never throws for what a user can get wrong. */
export async function runCli(parameters: readonly string[], surroundings: Surroundings): Promise<ExitStatus> {
  const { print, complain } = surroundings;
  try {
    const { values, positionals } = readLine(parameters);
    if (values.help === true || positionals[0] === 'help') {
      print(help());
      return exitStatus.ok;
    }
    const { command, words } = commandOf(positionals);
    for (const option of optionNames)
      if (values[option] !== undefined && !command.options.includes(option))
        throw new UsageError(`${command.name} has no option --${option}`);
    return await command.run({
      ...surroundings,
      config: values.config,
      from: values.from,
      to: values.to,
      standalone: values.standalone === true,
      service: values.service,
      words,
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(`${error.message}\n\n${help()}`);
    return exitStatus.usage;
  }
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

function readLine(parameters: readonly string[]) {
  try {
    return parseArgs({
      args: [...parameters],
      options: {
        config: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        standalone: { type: 'boolean' },
        service: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function commandOf(positionals: readonly string[]): { command: Command; words: readonly string[] } {
  if (positionals.length === 0) throw new UsageError('no command was given');
  for (const command of commands) {
    const { length } = command.name.split(' ');
    if (positionals.slice(0, length).join(' ') !== command.name) continue;
    const words = positionals.slice(length);
    if (words.length > command.mostWords)
      throw new UsageError(`${command.name} does not take ${words.slice(command.mostWords).join(' ')}`);
    return { command, words };
  }
  throw new UsageError(`there is no command ${positionals.join(' ')}`);
}

function help(): string {
  const entries = commands.map(
    ({ name, usage, summary }) => `  longshore ${name} ${usage}\n      ${summary}`,
  );
  return [
    'usage:',
    ...entries,
    '',
    'options:',
    '  --config FILE   the configuration; REGISTRY_CONFIGURATION_PATH without it. REGISTRY_ variables win over the file',
    '  --from, --to    configurations whose stores are meant',
    '  --standalone    judge the configuration as `npm start` does, which has a storage of its own',
    '  --help',
    '',
    'exit status: 0 done, 64 wrong command line, 69 a server does not answer, 78 wrong configuration, 1 anything else',
  ].join('\n');
}
