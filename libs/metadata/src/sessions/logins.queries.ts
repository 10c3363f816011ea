import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

const after = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

export interface NewLoginRow {
  readonly id: string;
  readonly user_id: number;
  readonly provider: string;
  readonly attempt: Buffer;
  readonly provider_session: string | null;
  readonly tokens: Buffer;
  readonly is_offline: boolean;
  readonly is_renewable: boolean;
}

/** Inserts nothing if the attempt has already become a login. */
export const insertLogin = (
  tx: Tx,
  login: NewLoginRow,
  { confirmSeconds, lifeSeconds }: { readonly confirmSeconds: number; readonly lifeSeconds: number },
) =>
  tx
    .insertInto('oidc_logins')
    .values({ ...login, confirm_after: after(confirmSeconds), expires_at: after(lifeSeconds) })
    .onConflict((conflict) => conflict.column('attempt').doNothing())
    .returning('id');

/** Deletes the person's other logins that no session uses: the new one confirms the person as well. */
export const deleteIdleLogins = (tx: Tx, { id, user_id: userId }: Pick<NewLoginRow, 'id' | 'user_id'>) =>
  tx
    .deleteFrom('oidc_logins')
    .where('user_id', '=', userId)
    .where('id', '<>', id)
    .where((row) =>
      row.not(
        row.exists(
          row
            .selectFrom('sessions')
            .select('sessions.id')
            .whereRef('sessions.login_id', '=', 'oidc_logins.id'),
        ),
      ),
    );

/** Claims one login whose confirmation is due. Without an outcome it is due again after the lease. */
export const claimDueLogin = (db: Db, leaseSeconds: number) =>
  db
    .updateTable('oidc_logins')
    .set({ confirm_after: after(leaseSeconds), attempts: sql<number>`attempts + 1` })
    .where('id', '=', (query) =>
      query
        .selectFrom('oidc_logins')
        .select('id')
        .where('confirm_after', '<=', sql<Date>`now()`)
        .where('is_renewable', '=', true)
        .orderBy('confirm_after')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'provider', 'tokens', 'attempts'])
    .returning((row) =>
      row
        .selectFrom('users')
        .select('users.external_id')
        .whereRef('users.id', '=', 'oidc_logins.user_id')
        .as('external_id'),
    );

export const confirmLoginRow = (
  tx: Tx,
  {
    id,
    tokens,
    confirmSeconds,
  }: { readonly id: string; readonly tokens: Buffer; readonly confirmSeconds: number },
) =>
  tx
    .updateTable('oidc_logins')
    .set({ tokens, confirmed_at: sql<Date>`now()`, confirm_after: after(confirmSeconds), attempts: 0 })
    .where('id', '=', id)
    .returning('user_id');

export const postponeLogin = (db: Db, id: string, seconds: number) =>
  db
    .updateTable('oidc_logins')
    .set({ confirm_after: after(seconds) })
    .where('id', '=', id);

export const deleteLogin = (db: Db, id: string) =>
  db.deleteFrom('oidc_logins').where('id', '=', id).returning(['user_id', 'is_offline']);

/** Ends everything of a person: a logout everywhere, or the provider's word without a session. */
export const deleteLoginsOf = (db: Db, userId: number) =>
  db.deleteFrom('oidc_logins').where('user_id', '=', userId).returning('id');

export const deleteExpiredLogins = (db: Db) =>
  db.deleteFrom('oidc_logins').where('expires_at', '<=', sql<Date>`now()`);
