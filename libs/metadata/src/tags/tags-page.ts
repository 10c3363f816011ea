import { parseTag, type RepositoryName, type Tag } from '@longshore/oci';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import { findRepository } from '../repositories/repositories.ts';
import type { Db } from '../transact.ts';
import { selectTagPage } from './tags.queries.ts';

export interface TagsPage {
  readonly repository: RepositoryName;
  /** Any text; it need not be a tag. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Lists tags in byte order. */
export async function tagsPage(db: Db, input: TagsPage): Promise<KeysetPage<Tag> | 'repository-unknown'> {
  const repository = await findRepository(db, input.repository);
  if (repository === undefined) return 'repository-unknown';
  const rows = await selectTagPage(db, repository, input.after ?? '', input.limit + 1).execute();
  return keysetPage(
    rows.map((row) => parseTag(row.name)),
    input.limit,
  );
}
