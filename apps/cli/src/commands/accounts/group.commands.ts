import { addGroup, addMember, groupsPage, removeGroup, removeMember } from '@longshore/metadata';
import type { Command } from '../../command.ts';
import { changing, groupWord, listing, userWord } from './operations.ts';

export const groupCommands: readonly Command[] = [
  changing(
    {
      name: 'group add',
      action: 'createGroup',
      summary: 'add a group',
      examples: ['longshore group add dev --config registry.yml'],
      words: [groupWord],
    },
    (tx, [name = '']) => addGroup(tx, name),
  ),
  changing(
    {
      name: 'group remove',
      action: 'deleteGroup',
      summary: 'remove a group',
      examples: ['longshore group remove dev --config registry.yml'],
      words: [groupWord],
    },
    (tx, [name = '']) => removeGroup(tx, name),
  ),
  changing(
    {
      name: 'group join',
      action: 'addGroupMember',
      summary: 'make a user a member',
      examples: ['longshore group join dev ann --config registry.yml'],
      words: [groupWord, userWord],
    },
    (tx, [group = '', user = '']) => addMember(tx, { group, user }),
  ),
  changing(
    {
      name: 'group leave',
      action: 'removeGroupMember',
      summary: 'end the membership of a user',
      examples: ['longshore group leave dev ann --config registry.yml'],
      words: [groupWord, userWord],
    },
    (tx, [group = '', user = '']) => removeMember(tx, { group, user }),
  ),
  listing(
    { name: 'group list', summary: 'list groups', examples: ['longshore group list --config registry.yml'] },
    ({ db }, start) => groupsPage(db, start),
    { key: ({ name }) => name, line: ({ name, members }) => `${name}  ${members.join(',')}` },
  ),
];
