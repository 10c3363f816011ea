import { mkdirSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentOf, replaceFile } from './private-file.ts';

/** A session at a registry, as `longshore login` keeps it. */
export interface StoredSession {
  /** Where the registry answers. */
  readonly origin: string;
  readonly username: string;
  /** Sent as the password until it expires. */
  readonly access: string;
  /** Milliseconds since 1970. */
  readonly accessUntil: number;
  /** Gets the next two, once. */
  readonly refresh: string;
}

type Sessions = Readonly<Record<string, StoredSession>>;

/** Milliseconds after which a lock is that of a process that has died. A refresh takes at most 30 s. */
const lockLife = 60_000;

/** Returns the file of the sessions: LONGSHORE_SESSIONS, or below the user's directory of configuration. */
export function sessionsFile(environment: NodeJS.ProcessEnv): string {
  const { LONGSHORE_SESSIONS: named, XDG_CONFIG_HOME: configured } = environment;
  if (named !== undefined && named !== '') return named;
  const base = configured === undefined || configured === '' ? join(homedir(), '.config') : configured;
  return join(base, 'longshore', 'sessions.json');
}

/** @throws Error for a file that is no JSON: it is never overwritten */
export function readSessions(file: string): Sessions {
  const sessions: Sessions = JSON.parse(contentOf(file) ?? '{}');
  return sessions;
}

/** Changes the sessions of a file that only its owner can read. No other process changes it meanwhile. */
export async function changeSessions(
  file: string,
  change: (sessions: Sessions) => Sessions | Promise<Sessions>,
): Promise<void> {
  await withLock(`${file}.lock`, async () => {
    const sessions = await change(readSessions(file));
    replaceFile(file, `${JSON.stringify(sessions, undefined, 2)}\n`);
  });
}

/** docker asks its helper in several processes at once, and a refresh token counts once. */
async function withLock(lock: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 });
  while (!(await take(lock))) {
    const age =
      Date.now() -
      (await stat(lock).then(
        ({ mtimeMs }) => mtimeMs,
        () => Date.now(),
      ));
    if (age > lockLife) await rm(lock, { recursive: true, force: true });
    else await sleep(50);
  }
  try {
    await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** A directory is made once, also on network file systems. */
async function take(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
