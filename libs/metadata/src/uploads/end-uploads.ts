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
  /** Seconds until the bytes may be deleted. Must exceed any writer's lease, since one may be writing now. */
  readonly notBeforeSeconds: number;
}

/** Ends a session, even while a request writes to it. That request finds its lease lost. */
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
  // Another statement holds the row, most likely a commit that is about to end.
  await sleep(Math.random() * 20);
  return cancelWithin(db, input, attempts - 1);
}

export interface ExpireUploads {
  /** Most sessions in one statement. */
  readonly batch: number;
  readonly notBeforeSeconds: number;
}

/** Ends expired sessions and returns their ids. Fewer than `batch` means that no more are due. */
export async function expireUploads(db: Db, input: ExpireUploads): Promise<string[]> {
  const { rows } = await expireSessions(input.batch, input.notBeforeSeconds).execute(db);
  return rows.map((row) => row.id);
}

export interface ExpireIdleUploads extends ExpireUploads {
  /** Seconds that a session lives after its last progress, as its writers have it configured. */
  readonly lifetimeSeconds: number;
  /** Seconds without progress after which the session ends. */
  readonly idleSeconds: number;
}

/** Ends sessions that hold bytes and have been idle, before they expire: for a store that is short of space. Returns what `expireUploads` does. */
export async function expireIdleUploads(db: Db, input: ExpireIdleUploads): Promise<string[]> {
  const withinSeconds = Math.max(input.lifetimeSeconds - input.idleSeconds, 0);
  const { rows } = await expireSessionsWithBytes(input.batch, input.notBeforeSeconds, withinSeconds).execute(
    db,
  );
  return rows.map((row) => row.id);
}

/** Returns the keys that no open session needs. Parts that uploads left under them in the store are orphaned. */
export async function orphanedKeys<K extends string>(db: Db, storageKeys: readonly K[]): Promise<K[]> {
  if (storageKeys.length === 0) return [];
  const rows = await selectSessionKeys(db, storageKeys).execute();
  const needed = new Set(rows.map((row) => row.storage_key));
  return storageKeys.filter((key) => !needed.has(key));
}
