import { digestToBytes, parseRepositoryName, type Digest, type RepositoryName } from '@longshore/oci';
import { addEvents, type EventsOf } from '../outbox/outbox.ts';
import { ensureRepository, whileRepositoryGoes } from '../repositories/repositories.ts';
import { transact, type Db } from '../transact.ts';
import { linkBlob } from './link-blob.ts';
import { lockSourceLink, selectSourceNames } from './links.queries.ts';

export interface MountedBlob {
  /** The repository that the blob was mounted from. */
  readonly from: RepositoryName;
}

export interface MountBlob {
  /** Candidate sources: repositories that the caller may read. */
  readonly from: readonly RepositoryName[];
  readonly to: RepositoryName;
  readonly digest: Digest;
  /** Seconds that an unreferenced blob is kept. */
  readonly grace: number;
  readonly events?: EventsOf<MountedBlob>;
}

/** Returns `undefined` if none of the repositories has the blob; the caller then opens an upload session. */
export async function mountBlob(db: Db, input: MountBlob): Promise<MountedBlob | undefined> {
  return whileRepositoryGoes(() => mount(db, input));
}

async function mount(db: Db, input: MountBlob): Promise<MountedBlob | undefined> {
  const digest = digestToBytes(input.digest);
  return transact<MountedBlob | undefined>(db, async (tx) => {
    const { rows } = await lockSourceLink(digest, input.from).execute(tx);
    const source = rows[0];
    if (source === undefined) return undefined;
    const mounted = { from: parseRepositoryName(source.name) };
    await linkBlob(tx, { repository: await ensureRepository(tx, input.to), digest }, input.grace);
    await addEvents(tx, input.events?.(mounted) ?? []);
    return mounted;
  });
}

/** Lists repositories that hold a blob, for a mount that names no source. The caller picks one that the client may read. */
export async function repositoriesWithBlob(db: Db, digest: Digest, limit: number): Promise<RepositoryName[]> {
  const rows = await selectSourceNames(db, digestToBytes(digest), limit).execute();
  return rows.map((row) => parseRepositoryName(row.name));
}
