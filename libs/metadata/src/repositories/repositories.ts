import { parseRepositoryName, type RepositoryName } from '@longshore/oci';
import type { Db } from '../transact.ts';
import { insertRepository, selectCatalogPage, selectRepository } from './repositories.queries.ts';

export async function findRepository(db: Db, name: RepositoryName): Promise<number | undefined> {
  return (await selectRepository(db, name).executeTakeFirst())?.id;
}

/** The repository's id; made here by its first push. Its own statement: nobody waits on the name afterwards. */
export async function ensureRepository(db: Db, name: RepositoryName): Promise<number> {
  const found = await findRepository(db, name);
  if (found !== undefined) return found;
  const made = await insertRepository(db, name).executeTakeFirst();
  // Somebody else's insert was first, and is committed: this time it is found.
  return made?.id ?? ensureRepository(db, name);
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
