import { type KeyState, keyStates, signingKeys } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { withDatabase } from './with-database.ts';

export const keysListCommand: Command = {
  name: 'keys list',
  summary: 'list the keys that sign and verify tokens, newest first',
  examples: ['longshore keys list --config registry.yml', 'longshore keys list --standalone --json'],
  options: ['config', 'standalone'],
  run,
};

function run(context: CommandContext): Promise<ExitStatus> {
  return withDatabase(context, async ({ db }) => {
    const keys = keyStates(await signingKeys(db));
    context.report(keys, keys.map(lineOf));
    return exitStatus.ok;
  });
}

function lineOf({ kid, algorithm, created, state, signsFrom }: KeyState): string {
  const when = state === 'next' ? ` from ${signsFrom.toISOString()}` : '';
  return `${kid}  ${algorithm}  ${created.toISOString()}  ${state}${when}`;
}
