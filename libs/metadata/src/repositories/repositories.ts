import { parseRepositoryName, type RepositoryName } from '@longshore/oci';
import { voidCredentials } from '../credentials/marks.ts';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import { isRepositoryGone } from '../postgres-errors.ts';
import { transact, type Db } from '../transact.ts';
import {
  deleteEmptyRepositories,
  insertRepository,
  lockEmptyRepositories,
  selectCatalogPage,
  selectCatalogRanges,
  selectRepository,
} from './repositories.queries.ts';

export async function findRepository(db: Db, name: RepositoryName): Promise<number | undefined> {
  return (await selectRepository(db, name).executeTakeFirst())?.id;
}

/**
 * Returns the repository's id. The first push creates the row. Runs as a statement of its own, so that nobody waits on the name afterwards. A
 * collector may delete the empty repository before the caller refers to it; `whileRepositoryGoes` then starts again.
 */
export async function ensureRepository(db: Db, name: RepositoryName): Promise<number> {
  const found = await findRepository(db, name);
  if (found !== undefined) return found;
  const made = await insertRepository(db, name).executeTakeFirst();
  // Another insert was first and has committed, so the next attempt finds the row.
  return made?.id ?? ensureRepository(db, name);
}

/** Runs the work, and runs it again if a collector deleted the empty repository after the work had read its id. */
export async function whileRepositoryGoes<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRepositoryGone(error)) throw error;
    return whileRepositoryGoes(work);
  }
}

export interface CollectRepositories {
  /** Seconds that an empty repository is kept after its creation. */
  readonly grace: number;
  /** Most repositories in one transaction. */
  readonly batch: number;
}

/**
 * Deletes repositories that hold nothing: no manifest, no link, no open upload. Each started upload creates a row, even if the upload is abandoned.
 * Returns the number of deleted rows. Any number of callers may run it at any time.
 */
export async function collectRepositories(db: Db, { grace, batch }: CollectRepositories): Promise<number> {
  return transact(db, async (tx) => {
    const { rows } = await lockEmptyRepositories(grace, batch).execute(tx);
    if (rows.length === 0) return 0;
    // A statement of its own: the snapshot of the locking statement would be older than its lock. From here on, foreign keys wait.
    const deleted = await deleteEmptyRepositories(rows.map((row) => row.id)).execute(tx);
    // A repository that is made again with the name is another one: tokens for this one must not open it.
    await voidCredentials(tx, ...deleted.rows.map(({ name }) => ({ kind: 'repository', name }) as const));
    return deleted.rows.length;
  });
}

export interface CatalogQuery {
  readonly after?: string | undefined;
  readonly limit: number;
  /** Sorted ranges of names, apart from each other: `from` belongs to a range, `to` does not. Undefined: all names. */
  readonly ranges?: readonly { readonly from: string; readonly to: string }[] | undefined;
}

/** Lists repositories that have a manifest, in byte order, after a name that need not exist. */
export async function catalogPage(
  db: Db,
  { after = '', limit, ranges }: CatalogQuery,
): Promise<KeysetPage<RepositoryName>> {
  const rows =
    ranges === undefined
      ? await selectCatalogPage(db, after, limit + 1).execute()
      : (await selectCatalogRanges({ after, limit: limit + 1, ranges }).execute(db)).rows;
  return keysetPage(
    rows.map((row) => parseRepositoryName(row.name)),
    limit,
  );
}
