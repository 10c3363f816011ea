import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

/** Held until the transaction ends, so that replicas that start together create one key, not one each. */
export const lockSigningKeys = sql`select pg_advisory_xact_lock(hashtext('longshore signing_keys'))`;

export const selectSigningKeys = (db: Db) =>
  db
    .selectFrom('signing_keys')
    .select(['kid', 'public_jwk', 'private_key', 'created_at', 'retired_at'])
    .orderBy('created_at', 'desc')
    .orderBy('kid');

export interface NewKeyRow {
  readonly kid: string;
  readonly publicJwk: string;
  readonly privateKey: Buffer;
}

export const insertSigningKey = (tx: Tx, { kid, publicJwk, privateKey }: NewKeyRow) =>
  tx
    .insertInto('signing_keys')
    .values({ kid, public_jwk: publicJwk, private_key: privateKey, retired_at: null });

export const retireSigningKeyRow = (db: Db, kid: string) =>
  db
    .updateTable('signing_keys')
    .set({ retired_at: sql`now()` })
    .where('kid', '=', kid)
    .where('retired_at', 'is', null);

export const deleteSigningKeys = (db: Db, retiredForSeconds: number) =>
  db
    .deleteFrom('signing_keys')
    .where(sql<boolean>`retired_at < now() - make_interval(secs => ${retiredForSeconds})`)
    .returning('kid');
