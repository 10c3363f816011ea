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
 * Puts the new object in place and the old object's key into the trash, in one statement. Returns no row if the blob is gone. The lock in `old`
 * guarantees that the returned key is the overwritten one; without it two concurrent pushes would leave an object that no row names.
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

/** Deletes the blob's row and puts its key into the trash, in one statement. */
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
