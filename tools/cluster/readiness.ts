import { setTimeout as sleep } from 'node:timers/promises';
import type { Replica } from './services.ts';

/** Resolves when every replica reports that it is ready. Rejects with the names of those that did not within `withinMs`. */
export async function untilReady(replicas: readonly Replica[], withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  const outcomes = await Promise.all(
    replicas.map(async (replica) => ({ replica, ready: await becomesReady(replica, deadline) })),
  );
  const late = outcomes.filter(({ ready }) => !ready).map(({ replica }) => replica.command.label);
  if (late.length > 0) throw new Error(`not ready after ${withinMs / 1000} s: ${late.join(', ')}`);
}

/** Resolves when the balancer forwards requests. It listens a moment after its process has started. */
export async function untilServing(address: string, withinMs: number): Promise<void> {
  const url = `http://${address.replace(/^(?:0\.0\.0\.0|\[::\])?:(?=\d+$)/, '127.0.0.1:')}/v2/`;
  if (!(await becomesOk(url, performance.now() + withinMs, [200, 401])))
    throw new Error(`${url} does not answer`);
}

async function becomesReady({ debug }: Replica, deadline: number): Promise<boolean> {
  return becomesOk(`http://${debug}/health/ready`, deadline, [200]);
}

async function becomesOk(url: string, deadline: number, wanted: readonly number[]): Promise<boolean> {
  while (performance.now() < deadline) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined && wanted.includes(answer.status)) return true;
    await sleep(150);
  }
  return false;
}
