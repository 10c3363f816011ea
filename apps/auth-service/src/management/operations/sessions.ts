import { endSessionIn, sessionsPage, type SessionSummary, sessionWithId } from '@longshore/metadata';
import { z } from 'zod';
import { change } from '../change.ts';
import { accountName, component, pageOf, pageQuery, time, uuid } from '../fields.ts';
import { found, pageAnswer } from '../listing.ts';
import { operation, type Scope } from '../operation.ts';

const session = component(
  'Session',
  z.strictObject({
    id: uuid,
    kind: z.enum(['browser', 'device']).describe('`device`: made by `longshore login`.'),
    user: z.string(),
    provider: z.string(),
    device: z.string().describe('What the person recognises the session by.'),
    createdAt: time,
    expiresAt: time,
  }),
);

export const sessionPage = pageOf('SessionPage', session);
export const sessionPath = z.strictObject({ id: uuid });

const shown = ({
  id,
  kind,
  device,
  provider,
  userName,
  createdAt,
  expiresAt,
}: SessionSummary): z.infer<typeof session> => ({
  id,
  kind,
  user: userName,
  provider,
  device,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});

export const listSessionsOf = (
  { db, confirmation: confirmationSeconds }: Scope,
  query: { readonly limit: number; readonly cursor?: string | undefined },
  user: string | undefined,
) =>
  pageAnswer(query, (page) => sessionsPage(db, { ...page, user, confirmationSeconds }), {
    shown,
    key: ({ id }) => id,
  });

/** @throws Refused 404 */
export async function endSessionNow(scope: Scope, id: string): Promise<void> {
  await change(scope, async (tx) => found(await endSessionIn(tx, id)));
}

export const sessionOperations = {
  listSessions: operation({
    route: 'api-sessions',
    method: 'GET',
    summary: 'List the sessions of people who logged in at a provider',
    query: z.strictObject({ ...pageQuery, user: accountName.optional() }),
    status: 200,
    answer: sessionPage,
    run: async ({ query }, scope) => listSessionsOf(scope, query, query.user),
  }),
  getSession: operation({
    route: 'api-session',
    method: 'GET',
    summary: 'Show a session',
    path: sessionPath,
    status: 200,
    answer: session,
    refusals: [404],
    run: async ({ path: { id } }, { db, confirmation }) => ({
      body: shown(found(await sessionWithId(db, id, confirmation))),
    }),
  }),
  deleteSession: operation({
    route: 'api-session',
    method: 'DELETE',
    summary: 'End a session, with the tokens that were got with it',
    path: sessionPath,
    status: 204,
    refusals: [404],
    run: async ({ path: { id } }, scope) => {
      await endSessionNow(scope, id);
      return { body: undefined };
    },
  }),
};
