import { AccountError } from '@longshore/authorization';
import { accessToken, type Db, removeAccessToken, sessionWithId } from '@longshore/metadata';
import { z } from 'zod';
import { isAdministrator } from '../administrators.ts';
import { change } from '../change.ts';
import { component, pageQuery } from '../fields.ts';
import { found } from '../listing.ts';
import { operation, type Scope } from '../operation.ts';
import { invalid, Refused } from '../refusals.ts';
import {
  createdToken,
  createToken,
  listTokens,
  newToken,
  shownOf,
  token,
  tokenPage,
  tokenPath,
} from './access-tokens.ts';
import { endSessionNow, listSessionsOf, sessionPage, sessionPath } from './sessions.ts';

const me = component(
  'Me',
  z.strictObject({
    kind: z.enum(['user', 'robot', 'workload', 'anonymous', 'anyone']),
    name: z.string(),
    groups: z.array(z.string()),
    credential: z.string().describe('The kind of the credential that the request was made with.'),
    administrator: z.boolean().describe('True if the routes beside /me are open to the caller.'),
  }),
);

const newOwnToken = component('NewOwnAccessToken', z.strictObject(newToken));

/**
 * Returns the name of the person who asks. What is limited to some repositories must not make something that is not.
 * @throws Refused 403 for anybody but a user with a credential that stands for all that the user may do
 */
function personOf({ identity }: Scope): string {
  if (identity.kind !== 'user') throw new Refused(403, 'Only users have access tokens and sessions here.');
  if (identity.grants !== undefined || identity.limits !== undefined)
    throw new Refused(403, 'The credential is limited. Send a password, or an access token without limits.');
  return identity.subject;
}

/** @throws Refused 422 for a token that would outlive the access token which the request was made with: it could be renewed for ever */
async function requireExpiry({ db, identity }: Scope, expiresAt: string | undefined): Promise<void> {
  const { id } = identity.credential;
  const shown = id === undefined ? undefined : await accessToken(db, id);
  if (shown?.expiresAt === undefined) return;
  if (expiresAt === undefined || new Date(expiresAt) > shown.expiresAt)
    throw invalid('/expiresAt', 'is later than the end of the access token that the request was made with');
}

const isOwn = async (db: Db, id: string, user: string): Promise<boolean> =>
  (await accessToken(db, id))?.holder.user === user;

const isOwnSession = async ({ db, confirmation }: Scope, id: string, user: string): Promise<boolean> =>
  (await sessionWithId(db, id, confirmation))?.userName === user;

export const ownOperations = {
  getMe: operation({
    route: 'api-me',
    method: 'GET',
    summary: 'Show who asks',
    status: 200,
    answer: me,
    run: async (_, scope) => {
      const { identity, db } = scope;
      const { kind, subject: name, groups, credential } = identity;
      const administrator = await isAdministrator(db, scope, identity);
      return { body: { kind, name, groups: [...groups], credential: credential.kind, administrator } };
    },
  }),
  listMyAccessTokens: operation({
    route: 'api-my-access-tokens',
    method: 'GET',
    summary: "List the caller's access tokens, without their secrets",
    query: z.strictObject(pageQuery),
    status: 200,
    answer: tokenPage,
    run: async ({ query }, scope) => listTokens(scope, query, { user: personOf(scope) }),
  }),
  createMyAccessToken: operation({
    route: 'api-my-access-tokens',
    method: 'POST',
    creates: 'api-my-access-token',
    summary: 'Make an access token',
    description: 'One that is made with another access token ends with that at the latest.',
    body: newOwnToken,
    status: 201,
    answer: createdToken,
    refusals: [409],
    isSecret: true,
    run: async ({ body }, scope) => {
      const user = personOf(scope);
      await requireExpiry(scope, body.expiresAt);
      try {
        return await createToken(scope, { user }, body);
      } catch (error) {
        if (error instanceof AccountError && error.kind === 'absent')
          throw new Refused(409, 'Your account is not in the database, so it cannot have access tokens.');
        throw error;
      }
    },
  }),
  getMyAccessToken: operation({
    route: 'api-my-access-token',
    method: 'GET',
    summary: "Show one of the caller's access tokens, without its secret",
    path: tokenPath,
    status: 200,
    answer: token,
    refusals: [404],
    run: async ({ path: { id } }, scope) => {
      const user = personOf(scope);
      const shown = await accessToken(scope.db, id);
      return { body: shownOf(found(shown?.holder.user === user ? shown : undefined)) };
    },
  }),
  deleteMyAccessToken: operation({
    route: 'api-my-access-token',
    method: 'DELETE',
    summary: "Revoke one of the caller's access tokens",
    path: tokenPath,
    status: 204,
    refusals: [404],
    run: async ({ path: { id } }, scope) => {
      const user = personOf(scope);
      found((await isOwn(scope.db, id, user)) || undefined);
      await change(scope, (tx) => removeAccessToken(tx, id));
      return { body: undefined };
    },
  }),
  listMySessions: operation({
    route: 'api-my-sessions',
    method: 'GET',
    summary: "List the caller's sessions",
    query: z.strictObject(pageQuery),
    status: 200,
    answer: sessionPage,
    run: async ({ query }, scope) => listSessionsOf(scope, query, personOf(scope)),
  }),
  deleteMySession: operation({
    route: 'api-my-session',
    method: 'DELETE',
    summary: "End one of the caller's sessions",
    path: sessionPath,
    status: 204,
    refusals: [404],
    run: async ({ path: { id } }, scope) => {
      const user = personOf(scope);
      found((await isOwnSession(scope, id, user)) || undefined);
      await endSessionNow(scope, id);
      return { body: undefined };
    },
  }),
};
