import { readdirSync, readFileSync } from 'node:fs';

/** Whether some thread of a process is not stopped by a signal. Only Linux tells: elsewhere, and of a process that is gone, false. */
export function isRunning(pid: number): boolean {
  const threads = `/proc/${pid}/task`;
  try {
    return readdirSync(threads).some((thread) => isThreadRunning(`${threads}/${thread}`));
  } catch {
    return false;
  }
}

/** The letter of its state is behind its name, which may hold anything. */
function isThreadRunning(thread: string): boolean {
  try {
    return /.*\) (\S)/s.exec(readFileSync(`${thread}/stat`, 'utf8'))?.[1] !== 'T';
  } catch {
    // It has ended since.
    return false;
  }
}
