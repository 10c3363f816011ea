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

/**
 * One statement: the new object is the blob's in the moment in which the old one's key is in the trash. No row: the blob is gone. The lock of
 * `old` is what makes the key that it tells of the one that is overwritten; without it two pushes would leave an object that nothing names.
 */
export const replaceBlobObject = ({ digest, size, storageKey }: NewBlob, notBeforeSeconds: number) => sql<{
  storage_key: string;
}>`
  with old as materialized (
    select digest, storage_key from blobs where digest = ${digest} for no key update
  ), replaced as (
    update blobs set storage_key = ${storageKey}, size = ${size}, suspect_since = null, reread_after = null
    from old where blobs.digest = old.digest
  )
  insert into blob_trash (storage_key, not_before)
  select storage_key, now() + make_interval(secs => ${notBeforeSeconds}) from old
  returning storage_key`;

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
