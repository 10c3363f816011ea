import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../transact.ts';
import type { UploadKey } from './upload-session.ts';
import {
  cancelSession,
  expireSessions,
  expireSessionsWithBytes,
  selectSession,
  selectSessionKeys,
} from './uploads.queries.ts';

export interface CancelUpload extends UploadKey {
  /** Seconds until the bytes may be deleted: longer than any writer's lease, for one may be writing now. */
  readonly notBeforeSeconds: number;
}

/** Ends a session, also under a request that writes to it: that one finds its lease gone. */
export async function cancelUpload(db: Db, input: CancelUpload): Promise<'cancelled' | 'unknown' | 'busy'> {
  return cancelWithin(db, input, 20);
}

async function cancelWithin(
  db: Db,
  input: CancelUpload,
  attempts: number,
): Promise<'cancelled' | 'unknown' | 'busy'> {
  const { rows } = await cancelSession(input, input.notBeforeSeconds).execute(db);
  if (rows.length > 0) return 'cancelled';
  const there = await selectSession(db, input).executeTakeFirst();
  if (there === undefined) return 'unknown';
  if (attempts === 0) return 'busy';
  // Somebody's statement holds the row: a commit that is about to end, most likely.
  await sleep(Math.random() * 20);
  return cancelWithin(db, input, attempts - 1);
}

export interface ExpireUploads {
  /** Sessions in one statement, at most. */
  readonly batch: number;
  readonly notBeforeSeconds: number;
}

/** Ends sessions that are over; answers with their ids. Fewer than `batch` means that nothing more is due. */
export async function expireUploads(db: Db, input: ExpireUploads): Promise<string[]> {
  const { rows } = await expireSessions(input.batch, input.notBeforeSeconds).execute(db);
  return rows.map((row) => row.id);
}

export interface ExpireIdleUploads extends ExpireUploads {
  /** How long a session lives after its last progress, as those who write to it have it. Seconds. */
  readonly lifetimeSeconds: number;
  /** Seconds without progress after which it ends now. */
  readonly idleSeconds: number;
}

/** Ends sessions that hold bytes and have not moved for a while, before their time: for a store that is short of space. Answers as `expireUploads`. */
export async function expireIdleUploads(db: Db, input: ExpireIdleUploads): Promise<string[]> {
  const withinSeconds = Math.max(input.lifetimeSeconds - input.idleSeconds, 0);
  const { rows } = await expireSessionsWithBytes(input.batch, input.notBeforeSeconds, withinSeconds).execute(
    db,
  );
  return rows.map((row) => row.id);
}

/** Those of the keys that no open session needs: what uploads left in the store under them is nobody's. */
export async function orphanedKeys<K extends string>(db: Db, storageKeys: readonly K[]): Promise<K[]> {
  if (storageKeys.length === 0) return [];
  const rows = await selectSessionKeys(db, storageKeys).execute();
  const needed = new Set(rows.map((row) => row.storage_key));
  return storageKeys.filter((key) => !needed.has(key));
}
