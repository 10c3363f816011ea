import { CommanderError } from 'commander';
import {
  type Command,
  type CommandContext,
  type CommandLine,
  type ExitStatus,
  exitStatus,
} from './command.ts';
import { adminBootstrapCommand } from './commands/accounts/admin-bootstrap.command.ts';
import { groupCommands } from './commands/accounts/group.commands.ts';
import { robotCommands } from './commands/accounts/robot.commands.ts';
import { tokenCommands } from './commands/accounts/token.commands.ts';
import { userCommands } from './commands/accounts/user.commands.ts';
import { auditListCommand } from './commands/audit-list.command.ts';
import { configurationCheckCommand } from './commands/configuration-check.command.ts';
import { configurationDescribeCommand } from './commands/configuration-describe.command.ts';
import { configurationPrintCommand } from './commands/configuration-print.command.ts';
import { keysListCommand } from './commands/keys-list.command.ts';
import { keysRevokeCommand } from './commands/keys-revoke.command.ts';
import { keysRotateCommand } from './commands/keys-rotate.command.ts';
import { loginCommand } from './commands/login.command.ts';
import { logoutCommand } from './commands/logout.command.ts';
import { migrateCommand } from './commands/migrate.command.ts';
import { notificationsDeadCommand } from './commands/notifications-dead.command.ts';
import { notificationsReplayCommand } from './commands/notifications-replay.command.ts';
import { policyExplainCommand } from './commands/policy-explain.command.ts';
import { storageCheckCommand } from './commands/storage-check.command.ts';
import { storageCopyCommand } from './commands/storage-copy.command.ts';
import { type Invoke, type Output, programOf } from './program.ts';

export const commands: readonly Command[] = [
  adminBootstrapCommand,
  ...userCommands,
  ...groupCommands,
  ...robotCommands,
  ...tokenCommands,
  loginCommand,
  logoutCommand,
  migrateCommand,
  auditListCommand,
  configurationCheckCommand,
  configurationDescribeCommand,
  configurationPrintCommand,
  keysListCommand,
  keysRotateCommand,
  keysRevokeCommand,
  notificationsDeadCommand,
  notificationsReplayCommand,
  policyExplainCommand,
  storageCheckCommand,
  storageCopyCommand,
];

export interface Surroundings extends Output {
  readonly environment: NodeJS.ProcessEnv;
}

/** Runs one command line and returns the exit status. Never throws for a user's mistake. */
export async function runCli(parameters: readonly string[], surroundings: Surroundings): Promise<ExitStatus> {
  let status: ExitStatus = exitStatus.ok;
  const invoke: Invoke = async (command, line, isJson) => {
    status = await command.run(contextOf(line, isJson, surroundings));
  };
  try {
    await programOf(commands, invoke, surroundings).parseAsync([...parameters], { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander ends help and version with an error of status 0. It has already printed its own errors.
    return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
  }
}

/** Returns the error in a command line without running it, or undefined if it can run. */
export async function refusalOf(parameters: readonly string[]): Promise<string | undefined> {
  const said: string[] = [];
  const output = { print: () => undefined, complain: (line: string) => void said.push(line) };
  try {
    await programOf(commands, () => Promise.resolve(), output).parseAsync([...parameters], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : said.join('\n');
  }
}

function contextOf(
  line: CommandLine,
  isJson: boolean,
  { environment, print, complain }: Surroundings,
): CommandContext {
  return {
    ...line,
    environment,
    complain,
    progress: isJson ? complain : print,
    report: (document, lines) => {
      if (isJson) print(JSON.stringify(document, undefined, 2));
      else for (const text of lines) print(text);
    },
  };
}
