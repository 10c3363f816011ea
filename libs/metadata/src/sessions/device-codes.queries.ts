import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

export interface NewDeviceCodeRow {
  readonly hash: Buffer;
  readonly user_code: string;
  readonly device: string;
  readonly address: string;
}

/** Counts the devices that wait, of one address and of all, each up to `most`. */
export const countDevices = (db: Db, address: string, most: number) =>
  db.selectNoFrom((query) => [
    query
      .selectFrom('device_codes')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('address', '=', address)
      .as('of_address'),
    query
      .selectFrom(query.selectFrom('device_codes').select('hash').limit(most).as('some'))
      .select(sql<number>`count(*)::integer`.as('count'))
      .as('of_all'),
  ]);

/** Inserts nothing if another device has the user code. */
export const insertDeviceCode = (db: Db, code: NewDeviceCodeRow, lifeSeconds: number) =>
  db
    .insertInto('device_codes')
    .values({ ...code, login_id: null, expires_at: sql<Date>`now() + make_interval(secs => ${lifeSeconds})` })
    .onConflict((conflict) => conflict.column('user_code').doNothing())
    .returning('user_code');

export const selectPendingDevice = (db: Db, userCode: string) =>
  db
    .selectFrom('device_codes')
    .select(['device', 'address', 'user_code'])
    .where('user_code', '=', userCode)
    .where('state', '=', 'pending')
    .where('expires_at', '>', sql<Date>`now()`);

export const decideDevice = (db: Db, userCode: string, loginId: string | undefined) =>
  db
    .updateTable('device_codes')
    .set(loginId === undefined ? { state: 'denied' } : { state: 'approved', login_id: loginId })
    .where('user_code', '=', userCode)
    .where('state', '=', 'pending')
    .where('expires_at', '>', sql<Date>`now()`)
    .returning('device');

export const lockDevice = (tx: Tx, hash: Buffer) =>
  tx
    .selectFrom('device_codes')
    .select(['state', 'login_id', 'device'])
    .select(sql<boolean>`expires_at <= now()`.as('is_expired'))
    .select(sql<boolean>`poll_after > now()`.as('is_early'))
    .where('hash', '=', hash)
    .forUpdate();

export const delayDevice = (tx: Tx, hash: Buffer, seconds: number) =>
  tx
    .updateTable('device_codes')
    .set({ poll_after: sql<Date>`now() + make_interval(secs => ${seconds})` })
    .where('hash', '=', hash);

export const deleteDevice = (db: Db, hash: Buffer) => db.deleteFrom('device_codes').where('hash', '=', hash);

export const deleteExpiredDevices = (db: Db) =>
  db.deleteFrom('device_codes').where('expires_at', '<=', sql<Date>`now()`);
