import { readdirSync, readFileSync } from 'node:fs';

/** Whether some thread of a process is not stopped by a signal. Only Linux tells; false elsewhere, and for a process that is gone. */
export function isRunning(pid: number): boolean {
  const threads = `/proc/${pid}/task`;
  try {
    return readdirSync(threads).some((thread) => isThreadRunning(`${threads}/${thread}`));
  } catch {
    return false;
  }
}

/** The letter of the state follows the name, which may contain anything. */
function isThreadRunning(thread: string): boolean {
  try {
    return /.*\) (\S)/s.exec(readFileSync(`${thread}/stat`, 'utf8'))?.[1] !== 'T';
  } catch {
    // The thread has ended since.
    return false;
  }
}
