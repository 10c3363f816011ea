import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from '../../postgres-errors.ts';
import { reviewBlob } from '../../reviews/review-blob.ts';
import { reviewLink } from '../../reviews/review-link.ts';
import { reviewManifest, type UntaggedPolicy } from '../../reviews/review-manifest.ts';
import type { Db } from '../../transact.ts';
import { claimTrash, confirmTrashGone } from '../../trash/sweep-trash.ts';
import { claimSuspect, clearSuspect } from '../../suspects/suspects.ts';
import { expireUploads } from '../../uploads/end-uploads.ts';
import { digestOf } from './contents.ts';

export interface Collection {
  readonly db: Db;
  readonly objects: Map<string, Buffer>;
  readonly grace: number;
  readonly untagged: UntaggedPolicy;
  readonly removed: { links: number; blobs: number; manifests: number; objects: number };
}

const notBeforeSeconds = 1;

/** Runs one round of every job. Returns false if there was nothing to do. */
export async function collectOnce({ db, objects, grace, untagged, removed }: Collection): Promise<boolean> {
  const manifest = await reviewManifest(db, { grace, untagged });
  if (manifest.kind === 'removed') removed.manifests += 1;
  const link = await reviewLink(db, { grace });
  if (link.kind === 'removed') removed.links += 1;
  const blob = await reviewBlob(db, { grace, notBeforeSeconds });
  if (blob.kind === 'removed') removed.blobs += 1;
  await lookAgain(db, objects);
  const expired = await expireUploads(db, { batch: 10, notBeforeSeconds });
  const trash = await claimTrash(db, { limit: 10, leaseSeconds: 1 });
  const keys = trash.map((trashed) => trashed.storageKey);
  for (const key of keys) if (objects.delete(key)) removed.objects += 1;
  await confirmTrashGone(db, keys);
  const idle = [manifest, link, blob].every((outcome) => outcome.kind === 'idle');
  return !idle || expired.length > 0 || keys.length > 0;
}

/** Reads one suspect object again. */
async function lookAgain(db: Db, objects: ReadonlyMap<string, Buffer>): Promise<void> {
  const suspect = await claimSuspect(db, { pauseSeconds: 0.05 });
  if (suspect === undefined) return;
  const bytes = objects.get(suspect.storageKey);
  if (bytes !== undefined && digestOf(bytes) === suspect.digest) await clearSuspect(db, suspect);
}

/** Collects until the signal aborts. Its connection dies now and then, and it starts again. */
export async function collectForever(collection: Collection, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const busy = await collectOnce(collection).catch((error: unknown) => {
    if (error instanceof DatabaseUnavailable) return true;
    throw error;
  });
  if (!busy) await sleep(5);
  return collectForever(collection, signal);
}
