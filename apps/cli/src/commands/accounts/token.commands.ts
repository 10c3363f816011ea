import { AccountError } from '@longshore/authorization';
import {
  type AccessToken,
  accessTokensPage,
  addAccessToken,
  removeAccessToken,
  type TokenHolder,
} from '@longshore/metadata';
import type { Command, Word } from '../../command.ts';
import { recorded } from '../recorded.ts';
import { changing, databaseOptions, listing, onDatabase } from './operations.ts';

const ownerWord: Word = { name: 'owner', summary: 'user:<name> or robot:<name>' };

const tokenAddCommand: Command = {
  name: 'token add',
  summary: 'give a user or a robot an access token, which is printed once',
  examples: [
    'longshore token add user:ann laptop --days 90 --config registry.yml',
    'longshore token add robot:ci build --action pull push --repository "team/**" --standalone',
  ],
  words: [ownerWord, { name: 'name', summary: 'what the token is called in lists' }],
  options: [...databaseOptions, 'days', 'action', 'repository'],
  run: (context) =>
    onDatabase(context, async (opened) => {
      const [owner = '', name = ''] = context.words;
      const { days, action, repository } = context;
      const limits =
        action === undefined && repository === undefined
          ? undefined
          : [{ actions: action ?? ['pull'], repositories: repository ?? ['**'] }];
      const expiresAt = days === undefined ? undefined : new Date(Date.now() + Number(days) * 86_400_000);
      const holder = holderOf(owner);
      const { after, secret } = await recorded(opened, 'createAccessToken', (tx) =>
        addAccessToken(tx, { holder, name, limits, expiresAt }),
      );
      context.report({ token: after, secret }, [`id: ${after?.id}`, `token: ${secret}`]);
    }),
};

export const tokenCommands: readonly Command[] = [
  tokenAddCommand,
  changing(
    {
      name: 'token revoke',
      action: 'deleteAccessToken',
      summary: 'revoke an access token; it ends within a second',
      examples: ['longshore token revoke 0b0f8a52-6c1c-4d8e-9a53-0d0c9f2f6c11 --config registry.yml'],
      words: [{ name: 'id', summary: 'the id of the token, from token list' }],
    },
    (tx, [id = '']) => removeAccessToken(tx, id),
  ),
  listing(
    {
      name: 'token list',
      summary: 'list access tokens, without their secrets',
      examples: ['longshore token list --config registry.yml', 'longshore token list robot:ci --standalone'],
      words: [{ ...ownerWord, summary: `${ownerWord.summary}; without it all`, isOptional: true }],
    },
    ({ db }, start, [owner]) =>
      accessTokensPage(db, { ...start, holder: owner === undefined ? undefined : holderOf(owner) }),
    { key: ({ id }) => id, line: tokenLine },
  ),
];

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
