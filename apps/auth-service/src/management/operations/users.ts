import {
  addUser,
  type Change,
  changePassword,
  passwordHash,
  removeUser,
  setUserDisabled,
  type Tx,
  type User,
  userByName,
  usersPage,
} from '@longshore/metadata';
import { AccountError } from '@longshore/authorization';
import { z } from 'zod';
import { change, changeAsAdministrator } from '../change.ts';
import { accountName, component, pageOf, pageQuery, time } from '../fields.ts';
import { found, pageAnswer } from '../listing.ts';
import { operation } from '../operation.ts';
import { invalid } from '../refusals.ts';

const user = component(
  'User',
  z.strictObject({
    name: accountName,
    source: z.string().describe('`database`, `ldap`, or `oidc:` and the name of a provider.'),
    externalId: z.string().optional().describe("The source's own id of the user."),
    groups: z.array(z.string()).describe('Groups of the database and of the source, sorted.'),
    disabled: z.boolean().describe('A disabled user cannot log in, and its tokens do not count.'),
    createdAt: time,
  }),
);

const password = z
  .string()
  .min(12)
  .max(72)
  // oxlint-disable-next-line no-control-regex -- RFC 7617 forbids exactly these in Basic credentials
  .regex(/^[^\u0000-\u001f\u007f]*$/)
  .meta({ writeOnly: true, description: 'At least 12 characters and at most 72 bytes.' });

const newUser = component(
  'NewUser',
  z.strictObject({
    name: accountName,
    password: password.optional().describe('Without one the user can only have access tokens.'),
  }),
);

const userPatch = component(
  'UserPatch',
  z
    .strictObject({ password: password.optional(), disabled: z.boolean().optional() })
    .describe('What is absent stays as it is. Another password ends what was got with the one before.'),
);

const path = z.strictObject({ user: accountName });

const shown = ({ createdAt, externalId, ...rest }: User): z.infer<typeof user> => ({
  ...rest,
  groups: [...rest.groups],
  ...(externalId !== undefined && { externalId }),
  createdAt: createdAt.toISOString(),
});

/** @throws Refused 422 for a password that may not be one */
async function hashOf(text: string): Promise<string> {
  try {
    return await passwordHash(text);
  } catch (error) {
    if (error instanceof AccountError) throw invalid('/password', error.message);
    throw error;
  }
}

async function patchUser(
  tx: Tx,
  name: string,
  { hash, disabled }: { readonly hash: string | undefined; readonly disabled: boolean | undefined },
): Promise<Change<User>> {
  let before = await userByName(tx, name);
  let after = before;
  if (hash !== undefined) ({ before, after } = await changePassword(tx, name, { hash }));
  if (disabled === undefined) return { before, after };
  const toggled = await setUserDisabled(tx, name, disabled);
  return { before: hash === undefined ? toggled.before : before, after: toggled.after };
}

export const userOperations = {
  listUsers: operation({
    route: 'api-users',
    method: 'GET',
    summary: 'List the users that the database knows',
    description:
      'Users of the database, and those of a directory or a provider who have logged in. Users of a password file are not among them.',
    query: z.strictObject(pageQuery),
    status: 200,
    answer: pageOf('UserPage', user),
    run: async ({ query }, { db }) =>
      pageAnswer(query, (page) => usersPage(db, page), { shown, key: ({ name }) => name }),
  }),
  createUser: operation({
    route: 'api-users',
    method: 'POST',
    creates: 'api-user',
    summary: 'Add a user of the database',
    body: newUser,
    status: 201,
    answer: user,
    refusals: [409],
    run: async ({ body }, scope) => {
      const hash = body.password === undefined ? undefined : await hashOf(body.password);
      const { after } = await change(scope, (tx) => addUser(tx, { name: body.name, passwordHash: hash }));
      return { body: shown(found(after)), created: { user: body.name } };
    },
  }),
  getUser: operation({
    route: 'api-user',
    method: 'GET',
    summary: 'Show a user',
    path,
    status: 200,
    answer: user,
    refusals: [404],
    run: async (input, { db }) => ({ body: shown(found(await userByName(db, input.path.user))) }),
  }),
  updateUser: operation({
    route: 'api-user',
    method: 'PATCH',
    summary: 'Set the password of a user, disable it, or enable it',
    path,
    body: userPatch,
    status: 200,
    answer: user,
    refusals: [404, 409],
    run: async ({ path: { user: name }, body }, scope) => {
      const { password: text, disabled } = body;
      const hash = text === undefined ? undefined : await hashOf(text);
      const { after } = await changeAsAdministrator(scope, async (tx) => {
        const made = await patchUser(tx, name, { hash, disabled });
        const passwordChanged = hash !== undefined;
        return { ...made, after: { ...found(made.after), ...(passwordChanged && { passwordChanged }) } };
      });
      const { passwordChanged: _, ...changed } = after;
      return { body: shown(changed) };
    },
  }),
  deleteUser: operation({
    route: 'api-user',
    method: 'DELETE',
    summary: 'Remove a user with its access tokens, memberships and the rules for it alone',
    path,
    status: 204,
    refusals: [404, 409],
    run: async (input, scope) => {
      await changeAsAdministrator(scope, (tx) => removeUser(tx, input.path.user));
      return { body: undefined };
    },
  }),
};
