import { randomUUID } from 'node:crypto';
import {
  AccountError,
  accessTokenHash,
  isPolicyAction,
  newAccessToken,
  RepositoryPattern,
  type Limit,
} from '@longshore/authorization';
import { voidCredentials } from '../credentials/marks.ts';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import type { Db, Tx } from '../transact.ts';
import { isUuid } from '../uuid.ts';
import type { Change } from './change.ts';
import {
  deleteAccessToken,
  insertAccessToken,
  lockAccessToken,
  selectAccessToken,
  selectAccessTokensPage,
  selectTokenOwner,
  updateLastUses,
} from './access-tokens.queries.ts';
import { lockedRobot } from './robots.ts';
import { lockedUser } from './users.ts';

/** Whose token it is: exactly one of the two. */
export type TokenHolder =
  | { readonly user: string; readonly robot?: undefined }
  | { readonly robot: string; readonly user?: undefined };

/** An access token as people see it. The secret is not kept. */
export interface AccessToken {
  /** Not secret: it names the token in lists and logs. */
  readonly id: string;
  readonly holder: TokenHolder;
  /** What its owner calls it. */
  readonly name: string;
  /** Undefined: it may do what its owner may. Otherwise at most this. */
  readonly limits: readonly Limit[] | undefined;
  readonly createdAt: Date;
  /** Undefined: it does not expire. */
  readonly expiresAt: Date | undefined;
  /** To about a minute. Undefined if it was never used. */
  readonly lastUsedAt: Date | undefined;
}

export interface NewToken {
  readonly holder: TokenHolder;
  readonly name: string;
  readonly limits?: readonly Limit[] | undefined;
  readonly expiresAt?: Date | undefined;
}

/** Characters. */
const longestName = 100;
/** More cannot be looked through, and a leaked one would not be noticed. */
const mostLimits = 100;

/**
 * Gives a user or a robot an access token. The secret is returned once and cannot be read again.
 * @throws AccountError `absent`, `invalid`; `refused` for a disabled owner
 */
export async function addAccessToken(
  tx: Tx,
  { holder, name, limits, expiresAt }: NewToken,
): Promise<Change<AccessToken> & { readonly secret: string }> {
  requireValid({ holder, name, limits, expiresAt });
  const isUser = holder.user !== undefined;
  const owner = isUser ? await lockedUser(tx, holder.user) : await lockedRobot(tx, holder.robot);
  if (owner.before.disabled) throw new AccountError('refused', `${owner.before.name} is disabled`);
  const { secret, hash } = newAccessToken(isUser ? 'user' : 'robot');
  const id = randomUUID();
  await insertAccessToken(tx, {
    id,
    hash,
    userId: isUser ? owner.id : null,
    robotId: isUser ? null : owner.id,
    name,
    limits: limits === undefined ? null : JSON.stringify(limits),
    expiresAt: expiresAt ?? null,
  }).execute();
  return { before: undefined, after: await accessToken(tx, id), secret };
}

const isValid = ({ actions, repositories }: Limit): boolean =>
  actions.length > 0 &&
  actions.every(isPolicyAction) &&
  repositories.length > 0 &&
  repositories.every((pattern) => RepositoryPattern.parse(pattern) instanceof RepositoryPattern);

function requireValid({ name, limits, expiresAt }: NewToken): void {
  // oxlint-disable-next-line no-control-regex -- a name is shown on terminals and in logs
  if (name === '' || name.length > longestName || /[\x00-\x1f\x7f]/.test(name))
    throw new AccountError(
      'invalid',
      `a token's name has 1 to ${longestName} characters and no control characters`,
    );
  if (limits !== undefined && (limits.length === 0 || limits.length > mostLimits))
    throw new AccountError('invalid', `a token has 1 to ${mostLimits} limits, or none`);
  if (limits?.every(isValid) === false)
    throw new AccountError('invalid', 'a limit has actions of a policy and patterns of repositories');
  if (expiresAt !== undefined && !(expiresAt.getTime() > Date.now()))
    throw new AccountError('invalid', 'a token expires in the future');
}

/** Revokes a token, with tokens that were got with it. Its row is gone. @throws AccountError `absent` */
export async function removeAccessToken(tx: Tx, id: string): Promise<Change<AccessToken>> {
  const locked = isUuid(id) ? await lockAccessToken(tx, id).executeTakeFirst() : undefined;
  if (locked === undefined) throw new AccountError('absent', `there is no token ${id}`);
  const before = await accessToken(tx, id);
  await deleteAccessToken(tx, id).execute();
  await voidCredentials(tx, { kind: 'credential', name: id });
  return { before, after: undefined };
}

/** @returns undefined if there is no such token */
export async function accessToken(db: Db, id: string): Promise<AccessToken | undefined> {
  const row = isUuid(id) ? await selectAccessToken(db, id).executeTakeFirst() : undefined;
  return row && tokenOf(row);
}

export interface AccessTokensQuery {
  /** Undefined: the tokens of all. */
  readonly holder?: TokenHolder | undefined;
  /** The id of the last token of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

const nil = '00000000-0000-0000-0000-000000000000';

/** Lists tokens in the order of their ids. @throws AccountError `invalid` for an `after` that is no id */
export async function accessTokensPage(
  db: Db,
  { holder, after = nil, limit }: AccessTokensQuery,
): Promise<KeysetPage<AccessToken>> {
  if (!isUuid(after)) throw new AccountError('invalid', `${after} is no id of a token`);
  const rows = await selectAccessTokensPage(db, holder ?? {}, after, limit + 1).execute();
  return keysetPage(rows.map(tokenOf), limit);
}

/** What a login with a token needs. */
export interface TokenLogin {
  readonly id: string;
  readonly holder: TokenHolder;
  readonly groups: readonly string[];
  readonly limits: readonly Limit[] | undefined;
  readonly expiresAt: Date | undefined;
  /** The source of a user, and the source's id. Undefined for robots and users of the database. */
  readonly external: { readonly source: string; readonly id: string } | undefined;
}

/** Looks a token up by its secret. @returns undefined for an unknown, revoked or expired token, and for one of a disabled owner */
export async function tokenLogin(db: Db, secret: string): Promise<TokenLogin | undefined> {
  const { rows } = await selectTokenOwner(accessTokenHash(secret)).execute(db);
  const [row] = rows;
  const holder = row && holderOf(row);
  if (row === undefined || holder === undefined) return undefined;
  const { id, groups, limits, expires_at, source, external_id } = row;
  return {
    id,
    holder,
    groups,
    limits: limitsOf(limits),
    expiresAt: expires_at ?? undefined,
    external: source === null || external_id === null ? undefined : { source, id: external_id },
  };
}

/** Writes the times of last uses, in one statement for all. Tokens that are gone are passed over. */
export async function recordTokenUses(db: Db, uses: ReadonlyMap<string, Date>): Promise<void> {
  if (uses.size > 0) await updateLastUses([...uses.keys()], [...uses.values()]).execute(db);
}

type Row = NonNullable<Awaited<ReturnType<ReturnType<typeof selectAccessToken>['executeTakeFirst']>>>;

function tokenOf(row: Row): AccessToken {
  const holder = holderOf(row);
  if (holder === undefined) throw new Error(`token ${row.id} has no owner`);
  return {
    id: row.id,
    holder,
    name: row.name,
    limits: limitsOf(row.limits),
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}

function holderOf({
  user,
  robot,
}: {
  readonly user: string | null;
  readonly robot: string | null;
}): TokenHolder | undefined {
  if (user !== null) return { user };
  return robot === null ? undefined : { robot };
}

/** The column was written by `addAccessToken`. */
function limitsOf(stored: unknown): readonly Limit[] | undefined {
  return Array.isArray(stored) ? (stored as readonly Limit[]) : undefined;
}
