import { digestToBytes, type Digest } from '@longshore/oci';
import { insertBlob, lockBlob, type NewBlob } from '../blobs/blobs.queries.ts';
import { linkBlob } from '../blobs/link-blob.ts';
import { addEvents, type EventsOf } from '../outbox/outbox.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { trashKey } from '../trash/trash.queries.ts';
import { deleteSession } from './uploads.queries.ts';

export interface CommittedUpload {
  readonly digest: Digest;
  readonly size: number;
  /** Where the blob's bytes are; another upload's key when the registry had the blob already. */
  readonly storageKey: string;
}

export interface CommitUpload {
  readonly id: string;
  readonly writer: string;
  /** Verified against the stored bytes. */
  readonly digest: Digest;
  readonly size: number;
  /** Where the bytes are now: the session's storage key, or its recorded final key after a rename. */
  readonly key: string;
  /** Seconds that an unreferenced blob is kept. */
  readonly grace: number;
  /** Seconds until a superfluous object may be deleted: longer than any lease, signed URL or cached location. */
  readonly notBeforeSeconds: number;
  readonly events?: EventsOf<CommittedUpload>;
}

/**
 * Turns the session's key into a blob of its repository: the key moves, the bytes do not.
 *
 * `unknown`: the session is gone or has another writer. Then nothing was touched, and the caller must not
 * trash the key: another request may have committed it.
 */
export async function commitUpload(db: Db, input: CommitUpload): Promise<CommittedUpload | 'unknown'> {
  const digest = digestToBytes(input.digest);
  return transact<CommittedUpload | 'unknown'>(db, async (tx) => {
    const session = await deleteSession(tx, input).executeTakeFirst();
    if (session === undefined) return 'unknown';
    if (input.key !== session.storage_key && input.key !== session.final_key) {
      throw new Error(`upload ${input.id} did not record the key ${input.key}`);
    }
    const storageKey = await insertOrLockBlob(tx, { digest, size: input.size, storageKey: input.key });
    await linkBlob(tx, { repository: session.repository_id, digest }, input.grace);
    if (storageKey !== input.key) await trashKey(input.key, input.notBeforeSeconds).execute(tx);
    const committed = { digest: input.digest, size: input.size, storageKey };
    await addEvents(tx, input.events?.(committed) ?? []);
    return committed;
  });
}

/** The key under which the blob lives, ours or one that was there; it stays until the transaction ends. */
async function insertOrLockBlob(tx: Tx, blob: NewBlob): Promise<string> {
  const inserted = await insertBlob(tx, blob).executeTakeFirst();
  if (inserted !== undefined) return inserted.storage_key;
  const found = await lockBlob(tx, blob.digest).executeTakeFirst();
  // Gone meanwhile: a collector deleted it between the two statements, so ours is the blob now.
  return found?.storage_key ?? insertOrLockBlob(tx, blob);
}
