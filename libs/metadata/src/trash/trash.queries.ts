import { sql } from 'kysely';

/** A claim only moves not_before later, never earlier. */
export const claimDueTrash = (limit: number, leaseSeconds: number) => sql<{
  storage_key: string;
  attempts: number;
}>`
  update blob_trash set not_before = now() + make_interval(secs => ${leaseSeconds}), attempts = attempts + 1
  where storage_key in (
    select storage_key from blob_trash
    where not_before <= now()
    order by not_before limit ${limit}
    for update skip locked
  )
  returning storage_key, attempts`;

export const deleteTrash = (storageKeys: readonly string[]) => sql`
  delete from blob_trash where storage_key = any(${storageKeys}::text[])`;
