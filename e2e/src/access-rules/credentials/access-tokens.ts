import { setTimeout as sleep } from 'node:timers/promises';
import type { Limit } from '@longshore/authorization';
import { type Credentials, type Holder, refused, robot, user } from '../../support/access-matrix.ts';
import { type Account, basic } from '../../support/credentials.ts';
import { type AccessToken, accessToken, longshore } from '../../support/longshore.ts';
import { everything, scopedToken } from './scoped-tokens.ts';

/** The name beside an access token means nothing. */
const accountOf = ({ secret }: AccessToken): Account => ({ username: 'anybody', password: secret });

const limitOf = ({ actions, repositories }: Limit): string[] => [
  '--action',
  ...actions,
  '--repository',
  ...repositories,
];

interface Owner {
  readonly name: string;
  readonly word: string;
  readonly holder: Holder;
  readonly limit: Limit;
}

/** Makes an access token of each form, sent in each way, and a token of the registry that was got with it. */
async function tokensOf({ name, word, holder, limit }: Owner, repositories: readonly string[]) {
  const [whole, limited] = await Promise.all([accessToken(word), accessToken(word, ...limitOf(limit))]);
  const scopes = everything(repositories);
  const limits = [limit];
  const got = { name: `a token of the registry for ${name}`, holder, scopes };
  return [
    { name: `an access token of ${name}`, authorization: basic(accountOf(whole)), holder },
    { name: `an access token of ${name} as Bearer`, authorization: `Bearer ${whole.secret}`, holder },
    { name: `a limited one of ${name}`, authorization: basic(accountOf(limited)), holder, limits },
    { name: `a limited one of ${name} as Bearer`, authorization: `Bearer ${limited.secret}`, holder, limits },
    await scopedToken({ ...got, account: accountOf(whole) }),
    {
      ...(await scopedToken({ ...got, name: `${got.name}, by a limited one`, account: accountOf(limited) })),
      limits,
    },
  ];
}

/** Makes credentials of a user whose access ends, and ends it. */
async function endedTokens(repositories: readonly string[]): Promise<Credentials[]> {
  const [expired, revoked, disabled] = [
    await accessToken('user:dora', '--days', '0.00005'),
    await accessToken('user:dora'),
    await accessToken('user:former'),
  ];
  const gotWith = async (token: AccessToken) => {
    const wanted = { name: '', account: accountOf(token), holder: user('dora') };
    return (await scopedToken({ ...wanted, scopes: everything(repositories) })).authorization ?? '';
  };
  const credentials = [
    refused('an expired access token', basic(accountOf(expired))),
    refused('a revoked access token', basic(accountOf(revoked))),
    refused('a revoked access token as Bearer', `Bearer ${revoked.secret}`),
    refused('a token got with a revoked access token', await gotWith(revoked)),
    refused('an access token of a disabled user', basic(accountOf(disabled))),
    refused('a token of a disabled user', await gotWith(disabled)),
  ];
  await longshore('token', 'revoke', revoked.token.id);
  await longshore('user', 'disable', 'former');
  await sleep(4500);
  return credentials;
}

/** Makes users and robots by the command line, and access tokens of them. */
export async function accessTokens(repositories: readonly string[]): Promise<Credentials[]> {
  await Promise.all([
    longshore('user', 'add', 'dora'),
    longshore('user', 'add', 'former'),
    longshore('robot', 'add', 'ci'),
  ]);
  const limit = { actions: ['pull', 'list'], repositories: ['team/app', 'public/**'] };
  const pushes = { actions: ['pull', 'push'], repositories: ['team/**'] };
  return [
    ...(await tokensOf({ name: 'a user', word: 'user:dora', holder: user('dora'), limit }, repositories)),
    ...(await tokensOf(
      { name: 'a robot', word: 'robot:ci', holder: robot('ci'), limit: pushes },
      repositories,
    )),
    ...(await endedTokens(repositories)),
  ];
}
