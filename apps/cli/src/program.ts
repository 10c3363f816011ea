import { serviceNames } from '@longshore/configuration';
import { Argument, Command as CommanderCommand, Option } from 'commander';
import type { Command, CommandLine } from './command.ts';
import { addCompletion } from './completion.ts';
import { type OptionName, options, type OptionValues } from './options.ts';
import { version } from './version.ts';

/** Runs the named command with its parsed line. */
export type Invoke = (command: Command, line: CommandLine, isJson: boolean) => Promise<void>;

export interface Output {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

const groups: Readonly<Record<string, string>> = {
  admin: 'make the first administrator',
  user: 'users of the database',
  group: 'groups of users',
  robot: 'accounts of machines',
  token: 'access tokens of users and robots',
  audit: 'look at the audit log',
  configuration: 'look at a configuration before a start',
  policy: 'explain the rules of access',
  keys: 'look at the keys that sign tokens, replace and revoke them',
  notifications: 'look at deliveries to webhooks that were given up, and replay them',
  storage: 'look at stores, and move between them',
};

const exitStatuses = `
exit status: 0 done, 64 wrong command line, 69 a server does not answer, 78 wrong configuration, 1 anything else`;

/** The command line in Commander's terms: help for each command, suggestions for misspelt ones, shell completion. */
export function programOf(commands: readonly Command[], invoke: Invoke, output: Output): CommanderCommand {
  const program = new CommanderCommand('longshore')
    .description('Administers a Longshore registry, and logs people in to one (login, logout).')
    .version(version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this help, or that of a command')
    .addHelpText('after', exitStatuses)
    .showHelpAfterError('(--help says more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.print(text.trimEnd()),
      writeErr: (text) => output.complain(text.trimEnd()),
    });
  const parents = new Map<string, CommanderCommand>([['', program]]);
  for (const command of commands) {
    const words = command.name.split(' ');
    const [group = ''] = words.length > 1 ? words : [];
    const parent = parents.get(group) ?? program.command(group).description(groups[group] ?? '');
    parents.set(group, parent);
    addTo(parent, command, invoke);
  }
  addCompletion(program);
  return program;
}

function addTo(parent: CommanderCommand, command: Command, invoke: Invoke): void {
  const { name, summary, details, examples, words = [], required = [] } = command;
  const added = parent
    .command(name.split(' ').at(-1) ?? name)
    .description(summary)
    .addHelpText('after', helpAfter(details, examples));
  for (const option of command.options)
    added.addOption(optionOf(option).makeOptionMandatory(required.includes(option)));
  added.option('--json', 'the result as JSON');
  for (const { name: word, summary: about, isOptional } of words)
    added.addArgument(new Argument(isOptional === true ? `[${word}]` : `<${word}>`, about));
  added.action(async (...parameters: unknown[]) => {
    const given = parameters.slice(0, words.length).filter((word) => typeof word === 'string');
    await invoke(command, { ...valuesOf(added), words: given }, added.getOptionValue('json') === true);
  });
}

/** Returns the options that the line has. */
function valuesOf(added: CommanderCommand): OptionValues {
  const values = added.options
    .map((option) => [option.name(), added.getOptionValue(option.attributeName())])
    .filter(([, value]) => value !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Commander makes of each value what the flags say, and refuses a service that is none
  return Object.fromEntries(values) as OptionValues;
}

function optionOf(name: OptionName): Option {
  const { flags, summary } = options[name];
  const option = new Option(flags, summary);
  if (name === 'service') return option.choices(serviceNames).conflicts('standalone');
  return option;
}

function helpAfter(details: string | undefined, examples: readonly string[]): string {
  const about = details === undefined ? [] : ['', details];
  return [...about, '', 'examples:', ...examples.map((example) => `  ${example}`), exitStatuses].join('\n');
}
