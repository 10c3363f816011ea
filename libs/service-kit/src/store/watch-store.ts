import { randomUUID } from 'node:crypto';
import { isAbsent, objectKey, type StorageDriver, type StoreSpace } from '@longshore/storage';
import type { ServiceContext } from '../bootstrap/start-service.ts';

export interface Pace {
  /** Milliseconds. */
  readonly interval: number;
  /** Consecutive failures that count as a problem. */
  readonly threshold: number;
}

/** The parts of a service that the watch uses. */
export interface StoreWatchHost {
  readonly readiness: Pick<ServiceContext['readiness'], 'watch' | 'require' | 'tell'>;
  readonly metrics: Pick<ServiceContext['metrics'], 'storageSpace'>;
}

/** Milliseconds that a check of the store may take. */
export const checkTimeout = 5_000;

/**
 * Checks a store periodically. A store that cannot be written can often still be read (a full disk, a file system remounted read-only, a role that
 * lost one permission). Then pulls continue, and the service is unready for pushes only.
 */
export function watchStore(driver: StorageDriver, { readiness, metrics }: StoreWatchHost, pace: Pace): void {
  let refused: { readonly times: number; readonly error: unknown } | undefined;
  let space: StoreSpace | undefined;
  const look = async (signal: AbortSignal): Promise<void> => {
    const [left, checked] = await Promise.allSettled([driver.space({ signal }), driver.check({ signal })]);
    space = left.status === 'fulfilled' ? left.value : undefined;
    if (space !== undefined) metrics.storageSpace(driver.name, space);
    if (checked.status === 'fulfilled') {
      refused = undefined;
      return;
    }
    refused = { times: (refused?.times ?? 0) + 1, error: checked.reason };
    if (!(await canRead(driver, signal))) throw checked.reason;
  };
  readiness.watch('storage', look, { ...pace, timeout: checkTimeout });
  const mustWrite = async (): Promise<void> => {
    if (refused !== undefined && refused.times >= pace.threshold) throw refused.error;
  };
  readiness.require('storage', mustWrite, 'pushes');
  readiness.tell('storage', () => space && { freeBytes: space.free, totalBytes: space.total });
}

/** Whether the store can be read. An answer that a missing object is absent proves it. */
async function canRead(driver: StorageDriver, signal: AbortSignal): Promise<boolean> {
  try {
    await driver.stat(objectKey(`blobs/probe/${randomUUID()}`), { signal });
    return true;
  } catch (error) {
    return isAbsent(error);
  }
}
