import { eventually } from '@longshore/testing';
import { expect } from 'vitest';
import { type ServiceProcess, serviceProcesses } from './target.ts';

/** Resolves when the cluster has restarted a killed replica and it is ready. */
export async function untilRestarted({ name, replica, pid }: ServiceProcess): Promise<void> {
  await eventually(async () => {
    const now = (await serviceProcesses(name)).find((candidate) => candidate.replica === replica);
    expect(now?.pid).not.toBe(pid);
    const answer = await fetch(`http://${now?.debug}/health/ready`);
    expect(answer.status).toBe(200);
  }, 45_000);
}
