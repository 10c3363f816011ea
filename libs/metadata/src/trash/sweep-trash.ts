import type { Db } from '../transact.ts';
import { claimDueTrash, deleteTrash } from './trash.queries.ts';

export interface TrashedKey {
  readonly storageKey: string;
  /** Claims so far, this one included. A high count means that the object cannot be deleted. */
  readonly attempts: number;
}

/**
 * Claims storage keys whose objects may be deleted now, outside any transaction. No other caller gets them before the lease ends. Keys that are not
 * confirmed by then come again. Deleting an absent object is fine.
 */
export async function claimTrash(
  db: Db,
  { limit, leaseSeconds }: { readonly limit: number; readonly leaseSeconds: number },
): Promise<TrashedKey[]> {
  const { rows } = await claimDueTrash(limit, leaseSeconds).execute(db);
  return rows.map((row) => ({ storageKey: row.storage_key, attempts: row.attempts }));
}

/** Only for keys whose objects are gone: afterwards no row names them. */
export async function confirmTrashGone(db: Db, storageKeys: readonly string[]): Promise<void> {
  if (storageKeys.length > 0) await deleteTrash(storageKeys).execute(db);
}
