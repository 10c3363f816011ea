import { parentPort, workerData } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { PasswordWork } from './sources/password-work.ts';

/** Distinguishes a thread of PasswordThreads from other threads that load this file, such as a test runner's. */
const role = 'longshore password check';

export interface Check {
  readonly id: number;
  readonly password: string;
  readonly work: PasswordWork;
}

export interface Checked {
  readonly id: number;
  readonly matches: boolean;
  /** CPU time of the check. Milliseconds. */
  readonly worked: number;
}

/** Starts a thread that answers each Check with a Checked. The thread runs this file. */
export const passwordThread = { file: new URL(import.meta.url), options: { workerData: role } };

if (workerData === role) {
  parentPort?.on('message', ({ id, password, work }: Check) => {
    const began = process.threadCpuUsage();
    const matches = compareSync(password, work.hash);
    if (!matches) for (const decoy of work.padding) compareSync(password, decoy);
    const { user, system } = process.threadCpuUsage(began);
    const answer: Checked = { id, matches, worked: (user + system) / 1000 };
    parentPort?.postMessage(answer, []);
  });
}
