import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '@longshore/oci';
import { suspectBlob } from '../../suspects/suspects.ts';
import { DatabaseUnavailable } from '../../postgres-errors.ts';
import type { Db } from '../../transact.ts';
import { digestOf } from './contents.ts';
import type { Random } from './random.ts';

export interface Damage {
  /** Objects damaged or lost so far. */
  count: number;
  /** Keys of lost objects. */
  readonly lost: Set<string>;
}

/** Acts as a failing disk or a careless operator: now and then it changes or deletes the object of a live blob. */
export async function damageForever(
  { db, objects, random, damage }: { db: Db; objects: Map<string, Buffer>; random: Random; damage: Damage },
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const live = await db.selectFrom('blobs').select('storage_key').execute();
  if (live.length > 0) {
    const { storage_key: key } = random.pick(live);
    // Skips a key that the sweep has deleted since: that key must not come back.
    if (objects.has(key)) {
      damage.count += 1;
      if (random.chance(0.5)) {
        objects.delete(key);
        damage.lost.add(key);
      } else objects.set(key, Buffer.from(`damage ${damage.count}`));
    }
  }
  await sleep(10);
  return damageForever({ db, objects, random, damage }, signal);
}

/** Does what a verified pull does: compares the object with its digest and records a mismatch. */
export async function readVerified(
  db: Db,
  objects: ReadonlyMap<string, Buffer>,
  { digest, storageKey }: { digest: Digest; storageKey: string },
): Promise<'whole' | 'damaged'> {
  const bytes = objects.get(storageKey);
  if (bytes !== undefined && digestOf(bytes) === digest) return 'whole';
  await suspectBlob(db, { digest, storageKey }).catch((error: unknown) => {
    if (!(error instanceof DatabaseUnavailable)) throw error;
  });
  return 'damaged';
}
