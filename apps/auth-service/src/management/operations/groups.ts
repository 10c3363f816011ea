import {
  addGroup,
  addMember,
  type Group,
  groupByName,
  groupsPage,
  removeGroup,
  removeMember,
} from '@longshore/metadata';
import { z } from 'zod';
import { change, changeAsAdministrator } from '../change.ts';
import { accountName, component, pageOf, pageQuery, time } from '../fields.ts';
import { found, pageAnswer } from '../listing.ts';
import { operation } from '../operation.ts';

const group = component(
  'Group',
  z.strictObject({
    name: accountName,
    members: z.array(accountName).describe('Names of users, sorted.'),
    createdAt: time,
  }),
);

const newGroup = component('NewGroup', z.strictObject({ name: accountName }));
const path = z.strictObject({ group: accountName });
const memberPath = z.strictObject({ group: accountName, user: accountName });

const shown = ({ name, members, createdAt }: Group): z.infer<typeof group> => ({
  name,
  members: [...members],
  createdAt: createdAt.toISOString(),
});

export const groupOperations = {
  listGroups: operation({
    route: 'api-groups',
    method: 'GET',
    summary: 'List the groups of the database',
    description: 'Groups of a directory or a provider have no row: rules name them, and users bring them.',
    query: z.strictObject(pageQuery),
    status: 200,
    answer: pageOf('GroupPage', group),
    run: async ({ query }, { db }) =>
      pageAnswer(query, (page) => groupsPage(db, page), { shown, key: ({ name }) => name }),
  }),
  createGroup: operation({
    route: 'api-groups',
    method: 'POST',
    creates: 'api-group',
    summary: 'Add a group',
    body: newGroup,
    status: 201,
    answer: group,
    refusals: [409],
    run: async ({ body: { name } }, scope) => {
      const { after } = await change(scope, (tx) => addGroup(tx, name));
      return { body: shown(found(after)), created: { group: name } };
    },
  }),
  getGroup: operation({
    route: 'api-group',
    method: 'GET',
    summary: 'Show a group with its members',
    path,
    status: 200,
    answer: group,
    refusals: [404],
    run: async (input, { db }) => ({ body: shown(found(await groupByName(db, input.path.group))) }),
  }),
  deleteGroup: operation({
    route: 'api-group',
    method: 'DELETE',
    summary: 'Remove a group',
    path,
    status: 204,
    refusals: [404, 409],
    run: async (input, scope) => {
      await changeAsAdministrator(scope, (tx) => removeGroup(tx, input.path.group));
      return { body: undefined };
    },
  }),
  addGroupMember: operation({
    route: 'api-group-member',
    method: 'PUT',
    summary: 'Make a user a member of a group',
    path: memberPath,
    status: 200,
    answer: group,
    // A rule may deny what the members do.
    refusals: [404, 409],
    run: async (input, scope) => {
      const { after } = await changeAsAdministrator(scope, (tx) => addMember(tx, input.path));
      return { body: shown(found(after)) };
    },
  }),
  removeGroupMember: operation({
    route: 'api-group-member',
    method: 'DELETE',
    summary: 'End the membership of a user',
    path: memberPath,
    status: 200,
    answer: group,
    refusals: [404, 409],
    run: async (input, scope) => {
      const { after } = await changeAsAdministrator(scope, (tx) => removeMember(tx, input.path));
      return { body: shown(found(after)) };
    },
  }),
};
