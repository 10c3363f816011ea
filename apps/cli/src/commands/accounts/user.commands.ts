import { readFile } from 'node:fs/promises';
import {
  addUser,
  changePassword,
  passwordHash,
  removeUser,
  setUserDisabled,
  usersPage,
} from '@longshore/metadata';
import type { Command, CommandContext } from '../../command.ts';
import { changing, disabling, listing, ofDisabled, userWord } from './operations.ts';

export const userCommands: readonly Command[] = [
  changing(
    {
      name: 'user add',
      action: 'createUser',
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
      action: 'updateUser',
      summary: 'set the password of a user; its sessions and tokens of the old one end within a second',
      examples: ['longshore user password ann --password-file /run/secrets/ann --config registry.yml'],
      words: [userWord],
      options: ['password-file'],
      required: ['password-file'],
    },
    async (tx, [name = ''], context) => changePassword(tx, name, { hash: (await hashOf(context)) ?? '' }),
  ),
  ...disabling(userWord, 'ann', setUserDisabled),
  changing(
    {
      name: 'user remove',
      action: 'deleteUser',
      summary: 'remove a user with its tokens, memberships and rules',
      examples: ['longshore user remove ann --config registry.yml'],
      words: [userWord],
    },
    (tx, [name = '']) => removeUser(tx, name),
  ),
  listing(
    { name: 'user list', summary: 'list users', examples: ['longshore user list --config registry.yml'] },
    ({ db }, start) => usersPage(db, start),
    {
      key: ({ name }) => name,
      line: ({ name, source, groups, disabled }) =>
        `${name}  ${source}  ${groups.join(',')}${ofDisabled(disabled)}`,
    },
  ),
];

async function hashOf({ 'password-file': file }: CommandContext): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return passwordHash((await readFile(file, 'utf8')).replace(/\r?\n$/, ''));
}
