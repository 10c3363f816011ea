import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats an attempt until it does not throw, and returns its result. For events without a fixed time: the arrival of a message, the start of a
 * process. Rejects with the last error after `withinMs`.
 */
export async function eventually<T>(attempt: () => Promise<T> | T, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() + pause > deadline) throw error;
    }
    await sleep(pause);
  }
}
