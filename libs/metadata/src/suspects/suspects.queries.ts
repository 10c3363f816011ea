import { sql } from 'kysely';
import type { Db } from '../transact.ts';

export interface ObjectOfBlob {
  readonly digest: Buffer;
  readonly storageKey: string;
}

/** Marks only if the object that was read is still the blob's: a push may have replaced it meanwhile. */
export const markSuspect = (db: Db, { digest, storageKey }: ObjectOfBlob) =>
  db
    .updateTable('blobs')
    .set({ suspect_since: sql`now()`, reread_after: sql`now()` })
    .where('digest', '=', digest)
    .where('storage_key', '=', storageKey)
    .where('suspect_since', 'is', null)
    .returning('digest');

/** The pause before the next read equals the time that the blob has been suspect, so it doubles. It is at least `pauseSeconds`. */
export const claimDueSuspect = (pauseSeconds: number) => sql<{
  digest: Buffer;
  size: number;
  storage_key: string;
  suspect_since: Date;
}>`
  update blobs
  set reread_after = now() + greatest(make_interval(secs => ${pauseSeconds}), now() - suspect_since)
  where digest in (
    select digest from blobs
    where suspect_since is not null and reread_after <= now()
    order by reread_after limit 1
    for no key update skip locked
  )
  returning digest, size, storage_key, suspect_since`;

export const unmarkSuspect = (db: Db, { digest, storageKey }: ObjectOfBlob) =>
  db
    .updateTable('blobs')
    .set({ suspect_since: null, reread_after: null })
    .where('digest', '=', digest)
    .where('storage_key', '=', storageKey)
    .where('suspect_since', 'is not', null)
    .returning('digest');
