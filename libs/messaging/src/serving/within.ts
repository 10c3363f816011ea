import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for `work`, at most `ms` milliseconds. Returns true if it ended in time; a rejection counts as an end. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController();
  const late = sleep(ms, false, { signal: stop.signal, ref: false }).catch(() => false);
  const ended = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, late]);
  stop.abort();
  return inTime;
}
