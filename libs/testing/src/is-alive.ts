import { readFileSync } from 'node:fs';

/** Tells whether a process runs or is stopped by a signal. A zombie, which its parent has not reaped, has ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // It ended between the two; a system without /proc does not tell zombies apart.
    return process.platform !== 'linux';
  }
}
