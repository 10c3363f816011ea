import { voidCredentials } from '../credentials/marks.ts';
import type { Change } from '../accounts/change.ts';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { deleteExpiredDevices } from './device-codes.queries.ts';
import { deleteExpiredLogins } from './logins.queries.ts';
import {
  deleteExpiredSessions,
  deleteProviderSession,
  deleteSession,
  lockSession,
  lockSessionByAnyHash,
  rotateSessionRow,
  selectSessionByHash,
  selectSessionById,
  selectSessionsOf,
  selectSessionsPage,
} from './sessions.queries.ts';

/** A session that counts: neither it nor its login has ended, and the provider has confirmed the person recently. */
export interface Session {
  readonly id: string;
  readonly loginId: string;
  readonly kind: 'browser' | 'device';
  readonly device: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly userId: number;
  readonly provider: string;
  /** Of the login, sealed. */
  readonly tokens: Uint8Array;
  readonly confirmedAt: Date;
  readonly userName: string;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** @param confirmationSeconds longest time since the provider confirmed the person */
export async function sessionWithSecret(
  db: Db,
  secretHash: Uint8Array,
  confirmationSeconds: number,
): Promise<Session | undefined> {
  const row = await selectSessionByHash(db, Buffer.from(secretHash), confirmationSeconds).executeTakeFirst();
  return row && sessionOf(row);
}

/** @param confirmationSeconds as for sessionWithSecret */
export async function sessionWithId(
  db: Db,
  id: string,
  confirmationSeconds: number,
): Promise<Session | undefined> {
  const row = await selectSessionById(db, id, confirmationSeconds).executeTakeFirst();
  return row && sessionOf(row);
}

/** Returns the sessions of a person, oldest first. @param confirmationSeconds as for sessionWithSecret */
export async function sessionsOf(db: Db, userId: number, confirmationSeconds: number): Promise<Session[]> {
  const rows = await selectSessionsOf(db, userId, confirmationSeconds).execute();
  return rows.map(sessionOf);
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly id: string }
  /** A secret that had been replaced came back: it was copied. The session has ended. */
  | { readonly kind: 'reused' }
  | { readonly kind: 'unknown' };

/**
 * Replaces the secret of a device's session. The replaced one counts for a minute more: the answer may have been lost. After that its use ends the
 * session.
 */
export function rotateSession(db: Db, secretHash: Uint8Array, nextHash: Uint8Array): Promise<Rotation> {
  return transact<Rotation>(db, async (tx) => {
    const hash = Buffer.from(secretHash);
    const row = await lockSessionByAnyHash(tx, hash).executeTakeFirst();
    if (row === undefined) return { kind: 'unknown' };
    const isCurrent = row.secret_hash.equals(hash);
    if (!isCurrent && !row.is_recent) {
      await deleteSession(tx, row.id).execute();
      await voidCredentials(tx, { kind: 'credential', name: row.id });
      return { kind: 'reused' };
    }
    await rotateSessionRow(tx, {
      id: row.id,
      next: Buffer.from(nextHash),
      previous: row.secret_hash,
    }).execute();
    return { kind: 'rotated', id: row.id };
  });
}

/** A session as people see it. */
export interface SessionSummary extends Pick<
  Session,
  'id' | 'kind' | 'device' | 'provider' | 'userName' | 'createdAt' | 'expiresAt'
> {}

export interface SessionsQuery {
  /** Name of a user. Undefined: the sessions of all. */
  readonly user?: string | undefined;
  /** The id of the last session of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** As for sessionWithSecret. */
  readonly confirmationSeconds: number;
}

const nil = '00000000-0000-0000-0000-000000000000';

/** Lists sessions in the order of their ids. */
export async function sessionsPage(
  db: Db,
  { user, after = nil, limit, confirmationSeconds }: SessionsQuery,
): Promise<KeysetPage<SessionSummary>> {
  const query = selectSessionsPage(db, { user, after, confirmationSeconds }, limit + 1);
  return keysetPage((await query.execute()).map(summaryOf), limit);
}

/** Ends a session, with the tokens that were got with it. @returns false if it had ended before */
export async function endSession(db: Db, id: string): Promise<boolean> {
  return transact(db, async (tx) => (await endSessionIn(tx, id)) !== undefined);
}

/** Does the same in a transaction. @returns undefined if it had ended before */
export async function endSessionIn(tx: Tx, id: string): Promise<Change<SessionSummary> | undefined> {
  const row = await lockSession(tx, id).executeTakeFirst();
  if (row === undefined) return undefined;
  await deleteSession(tx, id).execute();
  await voidCredentials(tx, { kind: 'credential', name: id });
  return { before: summaryOf(row), after: undefined };
}

type SummaryRow = NonNullable<Awaited<ReturnType<ReturnType<typeof lockSession>['executeTakeFirst']>>>;

const summaryOf = ({
  id,
  kind,
  device,
  provider,
  user_name,
  created_at,
  expires_at,
}: SummaryRow): SessionSummary => ({
  id,
  kind,
  device,
  provider,
  userName: user_name,
  createdAt: created_at,
  expiresAt: expires_at,
});

/** Ends the sessions that came from one session at the provider. @returns how many */
export function endProviderSession(db: Db, provider: string, session: string): Promise<number> {
  return transact(db, async (tx) => {
    const ended = await deleteProviderSession(tx, provider, session).execute();
    await voidCredentials(tx, ...ended.map(({ id }) => ({ kind: 'credential', name: id }) as const));
    return ended.length;
  });
}

/** Deletes what has expired. */
export async function expireSessions(db: Db): Promise<void> {
  await deleteExpiredSessions(db).execute();
  await deleteExpiredLogins(db).execute();
  await deleteExpiredDevices(db).execute();
}

type Row = Awaited<ReturnType<ReturnType<typeof selectSessionById>['execute']>>[number];

const sessionOf = (row: Row): Session => ({
  id: row.id,
  loginId: row.login_id,
  kind: row.kind,
  device: row.device,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  userId: row.user_id,
  provider: row.provider,
  tokens: row.tokens,
  confirmedAt: row.confirmed_at,
  userName: row.user_name,
  email: row.email ?? undefined,
  groups: row.groups,
  claims: row.claims,
});
