import { readFile } from 'node:fs/promises';
import { AccountError } from '@longshore/authorization';
import {
  type AccessToken,
  accessTokensPage,
  addAccessToken,
  addFirstAdministrator,
  addGroup,
  addMember,
  addRobot,
  addUser,
  type Change,
  changePassword,
  type Database,
  groupsPage,
  type KeysetPage,
  passwordHash,
  randomPassword,
  removeAccessToken,
  removeGroup,
  removeMember,
  removeRobot,
  removeUser,
  robotsPage,
  setRobotDisabled,
  setUserDisabled,
  type TokenHolder,
  transact,
  type Tx,
  usersPage,
} from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import type { OptionName } from '../options.ts';
import { withDatabase } from './with-database.ts';

const database: readonly OptionName[] = ['config', 'standalone'];
const word = (name: string, summary: string) => ({ name, summary });
const userWord = word('user', 'the name of the user');
const groupWord = word('group', 'the name of the group');
const robotWord = word('robot', 'the name of the robot');

/** Opens the database and explains a refusal of an operation. */
function onDatabase(context: CommandContext, use: (opened: Database) => Promise<void>): Promise<ExitStatus> {
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

/** A command that changes one object, and prints it as it is afterwards. */
function changing(
  command: Omit<Command, 'run' | 'options'> & { readonly options?: readonly OptionName[] },
  change: (tx: Tx, words: readonly string[], context: CommandContext) => Promise<Change<unknown>>,
): Command {
  const run = (context: CommandContext): Promise<ExitStatus> =>
    onDatabase(context, async ({ db }) => {
      const result = await transact<Change<unknown>>(db, (tx) => change(tx, context.words, context));
      context.report(result, ['done']);
    });
  return { ...command, options: [...database, ...(command.options ?? [])], run };
}

const pageSize = 500;

/** A command that prints all objects, one on a line. */
function listing<T>(
  command: Omit<Command, 'run' | 'options'>,
  page: (opened: Database, after: string | undefined, words: readonly string[]) => Promise<KeysetPage<T>>,
  shown: { readonly key: (item: T) => string; readonly line: (item: T) => string },
): Command {
  const run = (context: CommandContext): Promise<ExitStatus> =>
    onDatabase(context, async (opened) => {
      const all: T[] = [];
      let next: KeysetPage<T> = { items: [], more: true };
      while (next.more) {
        const last = all.at(-1);
        next = await page(opened, last === undefined ? undefined : shown.key(last), context.words);
        all.push(...next.items);
      }
      context.report(all, all.map(shown.line));
    });
  return { ...command, options: database, run };
}

const secretOf = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8')).replace(/\r?\n$/, '');

async function hashOf({ 'password-file': file }: CommandContext): Promise<string | undefined> {
  return file === undefined ? undefined : passwordHash(await secretOf(file));
}

const ofDisabled = (disabled: boolean): string => (disabled ? ' (disabled)' : '');

const adminBootstrapCommand: Command = {
  name: 'admin bootstrap',
  summary: 'make the first administrator, with a one-time password that is printed once',
  details:
    'The password is good for a day, and from its first use for an hour. Set one with `longshore user password`.',
  examples: ['longshore admin bootstrap ann --config registry.yml'],
  words: [userWord],
  options: database,
  run: (context) =>
    onDatabase(context, async ({ db }) => {
      const password = randomPassword();
      const hash = await passwordHash(password);
      const [name = ''] = context.words;
      const { after } = await transact(db, (tx) => addFirstAdministrator(tx, { name, passwordHash: hash }));
      context.report({ user: after, password }, [`user: ${name}`, `one-time password: ${password}`]);
    }),
};

const tokenAddCommand: Command = {
  name: 'token add',
  summary: 'give a user or a robot an access token, which is printed once',
  examples: [
    'longshore token add user:ann laptop --days 90 --config registry.yml',
    'longshore token add robot:ci build --action pull push --repository "team/**" --standalone',
  ],
  words: [word('owner', 'user:<name> or robot:<name>'), word('name', 'what the token is called in lists')],
  options: [...database, 'days', 'action', 'repository'],
  run: (context) =>
    onDatabase(context, async ({ db }) => {
      const [owner = '', name = ''] = context.words;
      const { days, action, repository } = context;
      const limits =
        action === undefined && repository === undefined
          ? undefined
          : [{ actions: action ?? ['pull'], repositories: repository ?? ['**'] }];
      const expiresAt = days === undefined ? undefined : new Date(Date.now() + Number(days) * 86_400_000);
      const holder = holderOf(owner);
      const { after, secret } = await transact(db, (tx) =>
        addAccessToken(tx, { holder, name, limits, expiresAt }),
      );
      context.report({ token: after, secret }, [`id: ${after?.id}`, `token: ${secret}`]);
    }),
};

/** @throws AccountError `invalid` */
function holderOf(owner: string): TokenHolder {
  const [, kind, name] = /^(user|robot):(.+)$/.exec(owner) ?? [];
  if (name === undefined)
    throw new AccountError('invalid', `${owner} is neither user:<name> nor robot:<name>`);
  return kind === 'user' ? { user: name } : { robot: name };
}

function tokenLine({ id, holder, name, expiresAt, lastUsedAt }: AccessToken): string {
  const owner = holder.user === undefined ? `robot:${holder.robot}` : `user:${holder.user}`;
  const times = `expires ${expiresAt?.toISOString() ?? 'never'}, last used ${lastUsedAt?.toISOString() ?? 'never'}`;
  return `${id}  ${owner}  ${name}  ${times}`;
}

const toggled = (kind: 'user' | 'robot', disabled: boolean): Command => {
  const verb = disabled ? 'disable' : 'enable';
  return changing(
    {
      name: `${kind} ${verb}`,
      summary: disabled ? `keep a ${kind} out, with its tokens` : `let a ${kind} in again`,
      examples: [`longshore ${kind} ${verb} ann --config registry.yml`],
      words: [kind === 'user' ? userWord : robotWord],
    },
    (tx, [name = '']) => (kind === 'user' ? setUserDisabled : setRobotDisabled)(tx, name, disabled),
  );
};

const userCommands: readonly Command[] = [
  changing(
    {
      name: 'user add',
      summary: 'add a user; without a password it can only have tokens',
      examples: ['longshore user add ann --password-file /run/secrets/ann --config registry.yml'],
      words: [userWord],
      options: ['password-file'],
    },
    async (tx, [name = ''], context) => addUser(tx, { name, passwordHash: await hashOf(context) }),
  ),
  changing(
    {
      name: 'user password',
      summary: 'set the password of a user; credentials of before end within a second',
      examples: ['longshore user password ann --password-file /run/secrets/ann --config registry.yml'],
      words: [userWord],
      options: ['password-file'],
      required: ['password-file'],
    },
    async (tx, [name = ''], context) => changePassword(tx, name, { hash: (await hashOf(context)) ?? '' }),
  ),
  toggled('user', true),
  toggled('user', false),
  changing(
    {
      name: 'user remove',
      summary: 'remove a user with its tokens, memberships and rules',
      examples: ['longshore user remove ann --config registry.yml'],
      words: [userWord],
    },
    (tx, [name = '']) => removeUser(tx, name),
  ),
  listing(
    { name: 'user list', summary: 'list users', examples: ['longshore user list --config registry.yml'] },
    ({ db }, after) => usersPage(db, { after, limit: pageSize }),
    {
      key: ({ name }) => name,
      line: ({ name, source, groups, disabled }) =>
        `${name}  ${source}  ${groups.join(',')}${ofDisabled(disabled)}`,
    },
  ),
];

const groupCommand = (
  verb: string,
  summary: string,
  change: (tx: Tx, words: readonly string[]) => Promise<Change<unknown>>,
): Command => {
  const isMembership = verb === 'join' || verb === 'leave';
  return changing(
    {
      name: `group ${verb}`,
      summary,
      examples: [`longshore group ${verb} dev${isMembership ? ' ann' : ''} --config registry.yml`],
      words: isMembership ? [groupWord, userWord] : [groupWord],
    },
    change,
  );
};

const groupCommands: readonly Command[] = [
  groupCommand('add', 'add a group', (tx, [name = '']) => addGroup(tx, name)),
  groupCommand('remove', 'remove a group', (tx, [name = '']) => removeGroup(tx, name)),
  groupCommand('join', 'make a user a member', (tx, [group = '', user = '']) =>
    addMember(tx, { group, user }),
  ),
  groupCommand('leave', 'end the membership of a user', (tx, [group = '', user = '']) =>
    removeMember(tx, { group, user }),
  ),
  listing(
    { name: 'group list', summary: 'list groups', examples: ['longshore group list --config registry.yml'] },
    ({ db }, after) => groupsPage(db, { after, limit: pageSize }),
    { key: ({ name }) => name, line: ({ name, members }) => `${name}  ${members.join(',')}` },
  ),
];

const robotCommands: readonly Command[] = [
  changing(
    {
      name: 'robot add',
      summary: 'add a robot: an account of a machine, which has only tokens',
      examples: ['longshore robot add ci --config registry.yml'],
      words: [robotWord],
    },
    (tx, [name = '']) => addRobot(tx, { name }),
  ),
  toggled('robot', true),
  toggled('robot', false),
  changing(
    {
      name: 'robot remove',
      summary: 'remove a robot with its tokens and rules',
      examples: ['longshore robot remove ci --config registry.yml'],
      words: [robotWord],
    },
    (tx, [name = '']) => removeRobot(tx, name),
  ),
  listing(
    { name: 'robot list', summary: 'list robots', examples: ['longshore robot list --config registry.yml'] },
    ({ db }, after) => robotsPage(db, { after, limit: pageSize }),
    { key: ({ name }) => name, line: ({ name, disabled }) => `${name}${ofDisabled(disabled)}` },
  ),
];

const tokenCommands: readonly Command[] = [
  tokenAddCommand,
  changing(
    {
      name: 'token revoke',
      summary: 'revoke an access token; it ends within a second',
      examples: ['longshore token revoke 0b0f8a52-6c1c-4d8e-9a53-0d0c9f2f6c11 --config registry.yml'],
      words: [word('id', 'the id of the token, from token list')],
    },
    (tx, [id = '']) => removeAccessToken(tx, id),
  ),
  listing(
    {
      name: 'token list',
      summary: 'list access tokens, without their secrets',
      examples: ['longshore token list --config registry.yml', 'longshore token list robot:ci --standalone'],
      words: [{ ...word('owner', 'user:<name> or robot:<name>; without it all'), isOptional: true }],
    },
    ({ db }, after, [owner]) =>
      accessTokensPage(db, {
        holder: owner === undefined ? undefined : holderOf(owner),
        after,
        limit: pageSize,
      }),
    { key: ({ id }) => id, line: tokenLine },
  ),
];

export const accountCommands: readonly Command[] = [
  adminBootstrapCommand,
  ...userCommands,
  ...groupCommands,
  ...robotCommands,
  ...tokenCommands,
];
