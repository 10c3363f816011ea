import { sql } from 'kysely';
import type { Db, Tx } from '../transact.ts';

export interface NewBlob {
  readonly digest: Buffer;
  readonly size: number;
  readonly storageKey: string;
}

export const insertBlob = (tx: Tx, { digest, size, storageKey }: NewBlob) =>
  tx
    .insertInto('blobs')
    .values({ digest, size, storage_key: storageKey })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .returning('storage_key');

export const lockBlob = (tx: Tx, digest: Buffer) =>
  tx.selectFrom('blobs').select(['storage_key', 'size']).where('digest', '=', digest).forKeyShare();

export const lockBlobForReview = (tx: Tx, digest: Buffer) =>
  tx.selectFrom('blobs').select('size').where('digest', '=', digest).forUpdate().skipLocked();

export const selectBlob = (db: Db, digest: Buffer) =>
  db.selectFrom('blobs').select('storage_key').where('digest', '=', digest);

export const selectBlobIsLinked = (digest: Buffer) => sql<{ linked: boolean }>`
  select exists (select from repository_blobs where digest = ${digest}) as linked`;

/** One statement: the key is in the trash in the moment in which no row of blobs names it. */
export const trashBlob = (digest: Buffer, notBeforeSeconds: number) => sql<{ storage_key: string }>`
  with gone as (delete from blobs where digest = ${digest} returning storage_key)
  insert into blob_trash (storage_key, not_before)
  select storage_key, now() + make_interval(secs => ${notBeforeSeconds}) from gone
  returning storage_key`;

export const selectBlobs = (db: Db, behind: Buffer, limit: number) =>
  db
    .selectFrom('blobs')
    .select(['digest', 'size', 'storage_key'])
    .where('digest', '>', behind)
    .orderBy('digest')
    .limit(limit);
