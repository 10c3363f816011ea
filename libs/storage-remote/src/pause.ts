import { setTimeout as sleep } from 'node:timers/promises';

/** Waits. @throws the signal's reason, not Node's AbortError */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
