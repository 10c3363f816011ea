import { setTimeout as sleep } from 'node:timers/promises';
import type { Replica } from './services.ts';

/** Resolves when every replica says that it is ready. Rejects with the names of those that did not within `withinMs`. */
export async function untilReady(replicas: readonly Replica[], withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  const outcomes = await Promise.all(
    replicas.map(async (replica) => ({ replica, ready: await becomesReady(replica, deadline) })),
  );
  const late = outcomes.filter(({ ready }) => !ready).map(({ replica }) => replica.command.label);
  if (late.length > 0) throw new Error(`not ready after ${withinMs / 1000} s: ${late.join(', ')}`);
}

async function becomesReady({ debug }: Replica, deadline: number): Promise<boolean> {
  while (performance.now() < deadline) {
    const answer = await fetch(`http://${debug}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.status === 200) return true;
    await sleep(150);
  }
  return false;
}
