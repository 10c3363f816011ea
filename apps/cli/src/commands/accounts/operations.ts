import { AccountError } from '@longshore/authorization';
import { type Change, type Database, type KeysetPage, type Tx } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus, type Word } from '../../command.ts';
import type { OptionName } from '../../options.ts';
import { recorded } from '../recorded.ts';
import { withDatabase } from '../with-database.ts';

/** Options of every command that uses the database. */
export const databaseOptions: readonly OptionName[] = ['config', 'standalone'];

export const userWord: Word = { name: 'user', summary: 'the name of the user' };
export const groupWord: Word = { name: 'group', summary: 'the name of the group' };
export const robotWord: Word = { name: 'robot', summary: 'the name of the robot' };

export const ofDisabled = (disabled: boolean): string => (disabled ? ' (disabled)' : '');

/** Opens the database and explains a refusal of an operation. */
export function onDatabase(
  context: CommandContext,
  use: (opened: Database) => Promise<void>,
): Promise<ExitStatus> {
  return withDatabase(context, async (opened) => {
    try {
      await use(opened);
      return exitStatus.ok;
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      context.complain(error.message);
      return error.kind === 'invalid' ? exitStatus.usage : exitStatus.failed;
    }
  });
}

interface Changing extends Omit<Command, 'run' | 'options'> {
  readonly options?: readonly OptionName[];
  /** Id of the management API's operation that does the same. The audit log names the change by it. */
  readonly action: string;
}

/** A command that changes one object. With `--json` it prints the object before and after. */
export function changing(
  { action, ...command }: Changing,
  change: (tx: Tx, words: readonly string[], context: CommandContext) => Promise<Change<unknown>>,
): Command {
  const run = (context: CommandContext): Promise<ExitStatus> =>
    onDatabase(context, async (opened) => {
      const result = await recorded(opened, action, (tx) => change(tx, context.words, context));
      context.report(result, ['done']);
    });
  return { ...command, options: [...databaseOptions, ...(command.options ?? [])], run };
}

/** The commands that keep an account out, and let it in again. */
export const disabling = (
  account: Word,
  example: string,
  setDisabled: (tx: Tx, name: string, disabled: boolean) => Promise<Change<unknown>>,
): readonly Command[] =>
  [true, false].map((disabled) => {
    const name = `${account.name} ${disabled ? 'disable' : 'enable'}`;
    return changing(
      {
        name,
        action: account.name === 'user' ? 'updateUser' : 'updateRobot',
        summary: disabled ? `keep a ${account.name} out, with its tokens` : `let a ${account.name} in again`,
        examples: [`longshore ${name} ${example} --config registry.yml`],
        words: [account],
      },
      (tx, [word = '']) => setDisabled(tx, word, disabled),
    );
  });

const pageSize = 500;

/** A command that prints all objects, one on a line. */
export function listing<T>(
  command: Omit<Command, 'run' | 'options'>,
  page: (
    opened: Database,
    start: { readonly after: string | undefined; readonly limit: number },
    words: readonly string[],
  ) => Promise<KeysetPage<T>>,
  shown: { readonly key: (item: T) => string; readonly line: (item: T) => string },
): Command {
  const run = (context: CommandContext): Promise<ExitStatus> =>
    onDatabase(context, async (opened) => {
      const all: T[] = [];
      let next: KeysetPage<T> = { items: [], more: true };
      while (next.more) {
        const last = all.at(-1);
        const after = last === undefined ? undefined : shown.key(last);
        next = await page(opened, { after, limit: pageSize }, context.words);
        all.push(...next.items);
      }
      context.report(all, all.map(shown.line));
    });
  return { ...command, options: databaseOptions, run };
}
