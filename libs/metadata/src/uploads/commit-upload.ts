import { digestToBytes, type Digest } from '@longshore/oci';
import { insertBlob, replaceBlobObject, type NewBlob } from '../blobs/blobs.queries.ts';
import { linkBlob } from '../blobs/link-blob.ts';
import { addEvents, type EventsOf } from '../outbox/outbox.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { deleteSession } from './uploads.queries.ts';

export interface CommittedUpload {
  readonly digest: Digest;
  readonly size: number;
  /** Where the blob's bytes are stored now. */
  readonly storageKey: string;
}

export interface CommitUpload {
  readonly id: string;
  readonly writer: string;
  /** Verified against the stored bytes. */
  readonly digest: Digest;
  readonly size: number;
  /** Where the bytes are stored now: the session's storage key, or its recorded final key after a rename. */
  readonly key: string;
  /** Seconds that an unreferenced blob is kept. */
  readonly grace: number;
  /** Seconds until a replaced object may be deleted. Must exceed any read, signed URL or cached location. */
  readonly notBeforeSeconds: number;
  readonly events?: EventsOf<CommittedUpload>;
}

/**
 * Turns the session's key into a blob of its repository: the key moves, the bytes do not. If the registry already has the blob, it gets this object,
 * and its old object goes to the trash.
 *
 * `unknown`: the session is gone or has another writer. Nothing was changed. The caller must not trash the key, since another request may have
 * committed it.
 */
export async function commitUpload(db: Db, input: CommitUpload): Promise<CommittedUpload | 'unknown'> {
  const digest = digestToBytes(input.digest);
  return transact<CommittedUpload | 'unknown'>(db, async (tx) => {
    const session = await deleteSession(tx, input).executeTakeFirst();
    if (session === undefined) return 'unknown';
    if (input.key !== session.storage_key && input.key !== session.final_key) {
      throw new Error(`upload ${input.id} did not record the key ${input.key}`);
    }
    await insertOrReplaceBlob(
      tx,
      { digest, size: input.size, storageKey: input.key },
      input.notBeforeSeconds,
    );
    await linkBlob(tx, { repository: session.repository_id, digest }, input.grace);
    const committed = { digest: input.digest, size: input.size, storageKey: input.key };
    await addEvents(tx, input.events?.(committed) ?? []);
    return committed;
  });
}

/**
 * The newest verified object wins: the earlier one may be damaged or lost, and nobody has checked it. This mends the blob in every repository.
 * Commits of one digest wait for each other here.
 */
async function insertOrReplaceBlob(tx: Tx, blob: NewBlob, notBeforeSeconds: number): Promise<void> {
  const inserted = await insertBlob(tx, blob).executeTakeFirst();
  if (inserted !== undefined) return;
  const { rows } = await replaceBlobObject(blob, notBeforeSeconds).execute(tx);
  // A collector deleted the blob between the two statements, so insert ours.
  if (rows.length === 0) await insertOrReplaceBlob(tx, blob, notBeforeSeconds);
}
