import { digestFromBytes, digestToBytes, type Digest, type RepositoryName } from '@longshore/oci';
import type { KeysetPage } from '../keyset-page.ts';
import { findRepository } from '../repositories/repositories.ts';
import type { Db } from '../transact.ts';
import { selectReferrersPage } from './referrers.queries.ts';

export interface Referrer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ReferrersPage {
  readonly repository: RepositoryName;
  readonly subject: Digest;
  readonly artifactType?: string | undefined;
  readonly after?: Digest | undefined;
  readonly limit: number;
  /** Most bytes of manifests in one page. A page has at least one referrer. */
  readonly bytes: number;
}

const beforeAll = Buffer.alloc(0);

/**
 * Lists manifests that name the subject, in the order of their digests. Returns an empty page if the subject or the repository is unknown. The index
 * of a fallback tag merges with these pages by the same order.
 */
export async function referrersPage(db: Db, input: ReferrersPage): Promise<KeysetPage<Referrer>> {
  const repository = await findRepository(db, input.repository);
  if (repository === undefined) return { items: [], more: false };
  const { rows } = await selectReferrersPage({
    repository,
    subject: digestToBytes(input.subject),
    after: input.after === undefined ? beforeAll : digestToBytes(input.after),
    artifactType: input.artifactType,
    limit: input.limit + 1,
    bytes: input.bytes,
  }).execute(db);
  const page = rows.slice(0, input.limit).filter((row) => row.fits);
  const items = page.map((row) => ({
    digest: digestFromBytes(row.digest),
    mediaType: row.media_type,
    size: row.size,
    artifactType: row.artifact_type ?? undefined,
    annotations: row.annotations ?? {},
  }));
  return { items, more: rows.length > items.length };
}
