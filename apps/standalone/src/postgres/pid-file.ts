import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@longshore/configuration';

/** The content of `postmaster.pid`, which a running server writes (Postgres, src/include/utils/pidfile.h). */
export interface PidFile {
  readonly pid: number;
  /** The data directory that the server was started on. In a copy this is the original's. */
  readonly directory: string;
  /** Time of the start by the clock of that moment, in seconds since 1970. */
  readonly startedAt: number;
  /** `starting`, `ready`, `stopping`, `standby`; empty at the very start. */
  readonly status: string;
}

export function pidFilePath(data: string): string {
  return join(data, 'postmaster.pid');
}

/** Returns undefined if no server runs on the data, or if its file is not written yet. */
export async function readPidFile(data: string): Promise<PidFile | undefined> {
  let text: string;
  try {
    text = await readFile(pidFilePath(data), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, directory: lines[1] ?? '', startedAt: Number(lines[2]), status: lines[7] ?? '' };
}
