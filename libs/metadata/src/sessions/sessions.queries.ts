import { sql } from 'kysely';
import type { SessionKind } from '../access-schema.ts';
import { groupsOfUser } from '../accounts/users.queries.ts';
import type { Db, Tx } from '../transact.ts';

export interface NewSessionRow {
  readonly id: string;
  readonly login_id: string;
  readonly kind: SessionKind;
  readonly secret_hash: Buffer;
  readonly device: string;
}

export const insertSession = (tx: Tx, session: NewSessionRow, lifeSeconds: number) =>
  tx
    .insertInto('sessions')
    .values({ ...session, expires_at: sql<Date>`now() + make_interval(secs => ${lifeSeconds})` });

/** The columns of a session that counts, with the person. */
const selectLive = (db: Db, confirmationSeconds: number) =>
  db
    .selectFrom('sessions')
    .innerJoin('oidc_logins as login', 'login.id', 'sessions.login_id')
    .innerJoin('oidc_people as person', 'person.user_id', 'login.user_id')
    .innerJoin('users', 'users.id', 'login.user_id')
    .select([
      'sessions.id',
      'sessions.login_id',
      'sessions.kind',
      'sessions.device',
      'sessions.created_at',
      'sessions.expires_at',
      'login.user_id',
      'login.provider',
      'login.tokens',
      'login.confirmed_at',
      'users.name as user_name',
      'person.email',
      'person.claims',
    ])
    .select(groupsOfUser.as('groups'))
    .where('sessions.expires_at', '>', sql<Date>`now()`)
    .where('login.expires_at', '>', sql<Date>`now()`)
    .where('person.ended_at', 'is', null)
    .where('users.disabled_at', 'is', null)
    .where('login.confirmed_at', '>', sql<Date>`now() - make_interval(secs => ${confirmationSeconds})`);

export const selectSessionByHash = (db: Db, hash: Buffer, confirmationSeconds: number) =>
  selectLive(db, confirmationSeconds).where('sessions.secret_hash', '=', hash);

export const selectSessionById = (db: Db, id: string, confirmationSeconds: number) =>
  selectLive(db, confirmationSeconds).where('sessions.id', '=', id);

export const selectSessionsOf = (db: Db, userId: number, confirmationSeconds: number) =>
  selectLive(db, confirmationSeconds)
    .where('login.user_id', '=', userId)
    .orderBy('sessions.created_at')
    .limit(200);

/** Limited to those of one user if one is named. */
export const selectSessionsPage = (
  db: Db,
  {
    user,
    after,
    confirmationSeconds,
  }: { readonly user: string | undefined; readonly after: string; readonly confirmationSeconds: number },
  limit: number,
) =>
  selectLive(db, confirmationSeconds)
    .where('sessions.id', '>', after)
    .where(sql<boolean>`(${user ?? null}::text is null or users.name = ${user ?? null})`)
    .orderBy('sessions.id')
    .limit(limit);

export const lockSession = (tx: Tx, id: string) =>
  tx
    .selectFrom('sessions')
    .innerJoin('oidc_logins as login', 'login.id', 'sessions.login_id')
    .innerJoin('users', 'users.id', 'login.user_id')
    .select([
      'sessions.id',
      'sessions.kind',
      'sessions.device',
      'sessions.created_at',
      'sessions.expires_at',
      'login.provider',
      'users.name as user_name',
    ])
    .where('sessions.id', '=', id)
    .forUpdate('sessions');

export const lockSessionByAnyHash = (tx: Tx, hash: Buffer) =>
  tx
    .selectFrom('sessions')
    .select(['id', 'secret_hash', 'rotated_at'])
    .select(sql<boolean>`rotated_at > now() - interval '60 seconds'`.as('is_recent'))
    .where((row) => row.or([row('secret_hash', '=', hash), row('previous_hash', '=', hash)]))
    .where('kind', '=', 'device')
    .forUpdate();

export const rotateSessionRow = (
  tx: Tx,
  { id, next, previous }: { readonly id: string; readonly next: Buffer; readonly previous: Buffer },
) =>
  tx
    .updateTable('sessions')
    .set({ secret_hash: next, previous_hash: previous, rotated_at: sql<Date>`now()` })
    .where('id', '=', id);

export const deleteSession = (db: Db, id: string) =>
  db.deleteFrom('sessions').where('id', '=', id).returning('login_id');

/** Ends the sessions of one session at the provider. Those of `longshore login` stay where the person granted offline access. */
export const deleteProviderSession = (db: Db, provider: string, session: string) =>
  db
    .deleteFrom('sessions')
    .using('oidc_logins as login')
    .whereRef('login.id', '=', 'sessions.login_id')
    .where('login.provider', '=', provider)
    .where('login.provider_session', '=', session)
    .where((row) => row.or([row('sessions.kind', '=', 'browser'), row('login.is_offline', '=', false)]))
    .returning('sessions.id');

export const deleteExpiredSessions = (db: Db) =>
  db.deleteFrom('sessions').where('expires_at', '<=', sql<Date>`now()`);
