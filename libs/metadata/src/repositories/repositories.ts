import { parseRepositoryName, type RepositoryName } from '@longshore/oci';
import { isRepositoryGone } from '../postgres-errors.ts';
import { transact, type Db } from '../transact.ts';
import {
  deleteEmptyRepositories,
  insertRepository,
  lockEmptyRepositories,
  selectCatalogPage,
  selectRepository,
} from './repositories.queries.ts';

export async function findRepository(db: Db, name: RepositoryName): Promise<number | undefined> {
  return (await selectRepository(db, name).executeTakeFirst())?.id;
}

/**
 * The repository's id; made here by its first push. Its own statement: nobody waits on the name afterwards. An empty repository may
 * be collected before the caller refers to it: `whileRepositoryGoes` begins again then.
 */
export async function ensureRepository(db: Db, name: RepositoryName): Promise<number> {
  const found = await findRepository(db, name);
  if (found !== undefined) return found;
  const made = await insertRepository(db, name).executeTakeFirst();
  // Somebody else's insert was first, and is committed: this time it is found.
  return made?.id ?? ensureRepository(db, name);
}

/** Does the work, and does it again when a collector took an empty repository after the work had read its id. */
export async function whileRepositoryGoes<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRepositoryGone(error)) throw error;
    return whileRepositoryGoes(work);
  }
}

export interface CollectRepositories {
  /** Seconds that an empty repository is kept after it was made. */
  readonly grace: number;
  /** Repositories of one transaction, at most. */
  readonly batch: number;
}

/**
 * Deletes rows of repositories that hold nothing: no manifest, no link, no open upload. Each start of an upload makes one, whatever
 * becomes of it. Returns how many it deleted; any number of callers, at any time.
 */
export async function collectRepositories(db: Db, { grace, batch }: CollectRepositories): Promise<number> {
  return transact(db, async (tx) => {
    const { rows } = await lockEmptyRepositories(grace, batch).execute(tx);
    if (rows.length === 0) return 0;
    // A statement of its own: in the one that locks, its snapshot would be older than the lock. From here on a foreign key waits.
    const deleted = await deleteEmptyRepositories(rows.map((row) => row.id)).execute(tx);
    return deleted.rows.length;
  });
}

export interface KeysetPage<T> {
  readonly items: T[];
  /** Whether something follows the last item. */
  readonly more: boolean;
}

/** Reads one row beyond the page to know whether there is one. */
export function keysetPage<T>(rows: T[], limit: number): KeysetPage<T> {
  return { items: rows.slice(0, limit), more: rows.length > limit };
}

/** Repositories that have a manifest, in byte order, after a name that need not exist. */
export async function catalogPage(
  db: Db,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<KeysetPage<RepositoryName>> {
  const rows = await selectCatalogPage(db, after ?? '', limit + 1).execute();
  return keysetPage(
    rows.map((row) => parseRepositoryName(row.name)),
    limit,
  );
}
