import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running server writes into `postmaster.pid` (Postgres, src/include/utils/pidfile.h). */
export interface PidFile {
  readonly pid: number;
  /** The data directory that it was started on: the original's in a copy. */
  readonly directory: string;
  /** By the clock of that moment, in seconds since 1970. */
  readonly startedAt: number;
  /** `starting`, `ready`, `stopping`, `standby`; empty in the first moments. */
  readonly status: string;
}

export function pidFilePath(data: string): string {
  return join(data, 'postmaster.pid');
}

/** Undefined when no server runs on the data, or its file is not written yet. */
export async function readPidFile(data: string): Promise<PidFile | undefined> {
  let text: string;
  try {
    text = await readFile(pidFilePath(data), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, directory: lines[1] ?? '', startedAt: Number(lines[2]), status: lines[7] ?? '' };
}
