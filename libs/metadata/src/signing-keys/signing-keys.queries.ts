import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

/** Held until the transaction ends, so that replicas that start together create one key, not one each. */
export const lockSigningKeys = sql`select pg_advisory_xact_lock(hashtext('longshore signing_keys'))`;

export const selectSigningKeys = (db: Db) =>
  db
    .selectFrom('signing_keys')
    .select(['kid', 'public_jwk', 'private_key', 'created_at', 'retired_at', 'signs_from', 'replace_from'])
    .orderBy('created_at', 'desc')
    .orderBy('kid');

export interface NewKeyRow {
  readonly kid: string;
  readonly publicJwk: string;
  readonly privateKey: Buffer;
  readonly signsFrom: Date;
}

export const insertSigningKey = (tx: Tx, { kid, publicJwk, privateKey, signsFrom }: NewKeyRow) =>
  tx.insertInto('signing_keys').values({
    kid,
    public_jwk: publicJwk,
    private_key: privateKey,
    retired_at: null,
    signs_from: signsFrom,
  });

export const retireSigningKeyRow = (db: Db, kid: string) =>
  db
    .updateTable('signing_keys')
    .set({ retired_at: sql`now()` })
    .where('kid', '=', kid)
    .where('retired_at', 'is', null);

/** Asks for a successor of every key that still signs. A second demand may only bring the time forward. */
export const demandSuccessor = (db: Db, afterSeconds: number) =>
  db
    .updateTable('signing_keys')
    .set({ replace_from: sql`least(replace_from, now() + make_interval(secs => ${afterSeconds}))` })
    .where('retired_at', 'is', null)
    .returning('kid');

export const deleteSigningKey = (tx: Tx, kid: string) =>
  tx.deleteFrom('signing_keys').where('kid', '=', kid).returning('kid');

export const deleteSigningKeys = (db: Db, retiredForSeconds: number) =>
  db
    .deleteFrom('signing_keys')
    .where(sql<boolean>`retired_at < now() - make_interval(secs => ${retiredForSeconds})`)
    .returning('kid');
