import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';
import { groupsOfUser } from './users.queries.ts';

export interface AccessTokenRow {
  readonly id: string;
  readonly hash: Buffer;
  readonly userId: number | null;
  readonly robotId: number | null;
  readonly name: string;
  /** JSON. */
  readonly limits: string | null;
  readonly expiresAt: Date | null;
}

export const insertAccessToken = (
  tx: Tx,
  { id, hash, userId, robotId, name, limits, expiresAt }: AccessTokenRow,
) =>
  tx.insertInto('access_tokens').values({
    id,
    hash,
    user_id: userId,
    robot_id: robotId,
    name,
    limits,
    expires_at: expiresAt,
    last_used_at: null,
  });

const accessTokens = (db: Db) =>
  db
    .selectFrom('access_tokens as token')
    .leftJoin('users', 'users.id', 'token.user_id')
    .leftJoin('robots', 'robots.id', 'token.robot_id')
    .select([
      'token.id',
      'token.name',
      'token.limits',
      'token.created_at',
      'token.expires_at',
      'token.last_used_at',
      'users.name as user',
      'robots.name as robot',
    ]);

/** Limited to tokens of one owner if one is named. */
export const selectAccessTokensPage = (
  db: Db,
  owner: { readonly user?: string | undefined; readonly robot?: string | undefined },
  after: string,
  limit: number,
) =>
  accessTokens(db)
    .where('token.id', '>', after)
    .where(sql<boolean>`(${owner.user ?? null}::text is null or users.name = ${owner.user ?? null})`)
    .where(sql<boolean>`(${owner.robot ?? null}::text is null or robots.name = ${owner.robot ?? null})`)
    .orderBy('token.id')
    .limit(limit);

export const selectAccessToken = (db: Db, id: string) => accessTokens(db).where('token.id', '=', id);

export const lockAccessToken = (tx: Tx, id: string) =>
  tx.selectFrom('access_tokens').select('id').where('id', '=', id).forUpdate();

export const deleteAccessToken = (tx: Tx, id: string) => tx.deleteFrom('access_tokens').where('id', '=', id);

/** The token's owner as a login needs it. A disabled owner and an expired token have none. */
export const selectTokenOwner = (hash: Buffer) => sql<{
  id: string;
  limits: unknown;
  expires_at: Date | null;
  user: string | null;
  source: string | null;
  external_id: string | null;
  robot: string | null;
  groups: string[];
}>`
  select token.id, token.limits, token.expires_at, users.name as "user", users.source, users.external_id,
    robots.name as robot, ${groupsOfUser} as groups
  from access_tokens token
  left join users on users.id = token.user_id
  left join robots on robots.id = token.robot_id
  where hash = ${hash}
    and (expires_at is null or expires_at > now())
    and users.disabled_at is null and robots.disabled_at is null`;

export const updateLastUses = (ids: readonly string[], times: readonly Date[]) => sql`
  update access_tokens set last_used_at = used.at
  from unnest(${ids}::uuid[], ${times}::timestamptz[]) as used (id, at)
  where access_tokens.id = used.id and (last_used_at is null or last_used_at < used.at)`;
