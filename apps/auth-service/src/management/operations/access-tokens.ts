import { AccountError, policyActions } from '@longshore/authorization';
import {
  type AccessToken,
  accessToken,
  accessTokensPage,
  addAccessToken,
  removeAccessToken,
  type TokenHolder,
} from '@longshore/metadata';
import { z } from 'zod';
import { change } from '../change.ts';
import { accountName, anyTime, component, line, pageOf, pageQuery, time, uuid } from '../fields.ts';
import { found, pageAnswer } from '../listing.ts';
import { type Answer, operation, type Scope } from '../operation.ts';
import { invalid } from '../refusals.ts';

const holder = component('Holder', z.strictObject({ kind: z.enum(['user', 'robot']), name: accountName }));

const limit = component(
  'Limit',
  z
    .strictObject({
      actions: z.array(z.enum(policyActions)).min(1).max(policyActions.length),
      repositories: z.array(line(512)).min(1).max(100).describe('Patterns of repositories, as in rules.'),
    })
    .describe('What a token is good for at most.'),
);

const shownToken = {
  id: uuid.describe('Not secret: lists, logs and the audit log name the token by it.'),
  holder,
  name: z.string(),
  limits: z
    .array(z.strictObject({ actions: z.array(z.string()), repositories: z.array(z.string()) }))
    .optional()
    .describe('Absent: the token may do what its holder may.'),
  createdAt: time,
  expiresAt: time.optional(),
  lastUsedAt: time.optional().describe('To about a minute.'),
};

export const token = component('AccessToken', z.strictObject(shownToken));
export const createdToken = component(
  'CreatedAccessToken',
  z.strictObject({
    ...shownToken,
    secret: z.string().describe('Shown once. It is sent as a password, or as a Bearer token.'),
  }),
);

/** The members of a new token beside its holder. */
export const newToken = {
  name: line(100).describe('What the token is called in lists.'),
  limits: z.array(limit).min(1).max(100).optional().describe('Absent: what the holder may.'),
  expiresAt: anyTime.optional().describe('In the future. Absent: it does not expire.'),
};

const newAccessToken = component('NewAccessToken', z.strictObject({ holder, ...newToken }));
export const tokenPath = z.strictObject({ id: uuid });
export const tokenPage = pageOf('AccessTokenPage', token);

export function shownOf({
  holder: { user, robot },
  limits,
  createdAt,
  expiresAt,
  lastUsedAt,
  id,
  name,
}: AccessToken): z.infer<typeof token> {
  return {
    id,
    holder: user === undefined ? { kind: 'robot', name: robot } : { kind: 'user', name: user },
    name,
    ...(limits !== undefined && {
      limits: limits.map(({ actions, repositories }) => ({
        actions: [...actions],
        repositories: [...repositories],
      })),
    }),
    createdAt: createdAt.toISOString(),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
    ...(lastUsedAt !== undefined && { lastUsedAt: lastUsedAt.toISOString() }),
  };
}

export const listTokens = (
  { db }: Scope,
  query: { readonly limit: number; readonly cursor?: string | undefined },
  owner: TokenHolder | undefined,
) =>
  pageAnswer(query, (page) => accessTokensPage(db, { ...page, holder: owner }), {
    shown: shownOf,
    key: ({ id }) => id,
  });

type NewTokenBody = z.output<z.ZodObject<typeof newToken>>;

export async function createToken(
  scope: Scope,
  owner: TokenHolder,
  { name, limits, expiresAt }: NewTokenBody,
): Promise<Answer<z.infer<typeof createdToken>>> {
  try {
    const expiry = expiresAt === undefined ? undefined : new Date(expiresAt);
    const { after, secret } = await change(scope, (tx) =>
      addAccessToken(tx, { holder: owner, name, limits, expiresAt: expiry }),
    );
    const made = found(after);
    return { body: { ...shownOf(made), secret }, created: { id: made.id } };
  } catch (error) {
    if (error instanceof AccountError && error.kind === 'invalid') throw invalid('', error.message);
    throw error;
  }
}

const owner = z
  .string()
  .regex(/^(?:user|robot):[a-z0-9._@+-]{1,128}$/)
  .optional()
  .describe('`user:<name>` or `robot:<name>`: only the tokens of this account.');

function holderOf(text: string): TokenHolder {
  const [kind, name = ''] = text.split(':');
  return kind === 'user' ? { user: name } : { robot: name };
}

export const accessTokenOperations = {
  listAccessTokens: operation({
    route: 'api-access-tokens',
    method: 'GET',
    summary: 'List the access tokens of users and robots, without their secrets',
    query: z.strictObject({ ...pageQuery, holder: owner }),
    status: 200,
    answer: tokenPage,
    run: async ({ query }, scope) =>
      listTokens(scope, query, query.holder === undefined ? undefined : holderOf(query.holder)),
  }),
  createAccessToken: operation({
    route: 'api-access-tokens',
    method: 'POST',
    creates: 'api-access-token',
    summary: 'Give a user or a robot an access token',
    body: newAccessToken,
    status: 201,
    answer: createdToken,
    refusals: [409],
    isSecret: true,
    run: async ({ body: { holder: of, ...rest } }, scope) => {
      try {
        return await createToken(scope, of.kind === 'user' ? { user: of.name } : { robot: of.name }, rest);
      } catch (error) {
        if (error instanceof AccountError && error.kind === 'absent')
          throw invalid('/holder/name', error.message);
        throw error;
      }
    },
  }),
  getAccessToken: operation({
    route: 'api-access-token',
    method: 'GET',
    summary: 'Show an access token, without its secret',
    path: tokenPath,
    status: 200,
    answer: token,
    refusals: [404],
    run: async ({ path: { id } }, { db }) => ({ body: shownOf(found(await accessToken(db, id))) }),
  }),
  deleteAccessToken: operation({
    route: 'api-access-token',
    method: 'DELETE',
    summary: 'Revoke an access token, with the tokens that were got with it',
    path: tokenPath,
    status: 204,
    refusals: [404],
    run: async ({ path: { id } }, scope) => {
      await change(scope, (tx) => removeAccessToken(tx, id));
      return { body: undefined };
    },
  }),
};
