import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import type { PidFile } from './pid-file.ts';

const execute = promisify(execFile);

/** Seconds by which a process may seem older or younger than its pid file says: the file is written a moment after the start. */
const startSlack = 60;

export type Owner =
  /** A server of this data directory: shown, not supposed. */
  | 'ours'
  /** No process has the number, or the process is something else. */
  | 'gone'
  | 'stranger'
  /** The system does not let us look, and it calls itself postgres. */
  | 'unknown';

/** Who has the number that a pid file names. `data` is where the file lies, which is not what it says when it was copied. */
export function ownerOf(file: PidFile, data: string): Promise<Owner> {
  return process.platform === 'linux' ? ownerByProc(file.pid, data) : ownerByPs(file, data);
}

/**
 * By the executable and the working directory, which is the data directory for each process of a server. Directories are compared by
 * their inodes: a path differs behind links, and in another mount namespace. The start time proves nothing more here, and a clock that
 * was set since would make it lie.
 */
export async function ownerByProc(pid: number, data: string): Promise<Owner> {
  const state = /^State:\s*(\w)/m.exec(await readProc(pid, 'status'))?.[1];
  // A zombie has ended. It waits for its parent, which in a container may be somebody who never asks.
  if (state === undefined || state === 'Z' || state === 'X') return 'gone';
  try {
    const program = basename(await readlink(`/proc/${pid}/exe`)).replace(' (deleted)', '');
    return program === 'postgres' && (await isWorkingIn(pid, data)) ? 'ours' : 'stranger';
  } catch (error) {
    if (!isRefused(error)) return 'gone';
    return (await readProc(pid, 'comm')).trim() === 'postgres' ? 'unknown' : 'stranger';
  }
}

/** Where there is no /proc: by the command line, which names the directory, and the start time. */
export async function ownerByPs({ pid, startedAt }: PidFile, data: string): Promise<Owner> {
  let line: string;
  try {
    const { stdout } = await execute('ps', ['-o', 'lstart=', '-o', 'command=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    line = stdout.trim();
  } catch {
    // Exit status 1: nobody has the number.
    return 'gone';
  }
  const [, started = '', command = ''] = /^(\w+ +\w+ +\d+ [\d:]+ \d+) +(.*)$/.exec(line) ?? [];
  const isServer = /(?:^|\/)postgres /.test(command) && command.includes(data);
  const isOfThatTime = Math.abs(Date.parse(started) / 1000 - startedAt) <= startSlack;
  return isServer && isOfThatTime ? 'ours' : 'stranger';
}

/** Numbers of all Postgres processes that work in the directory: those of a server that was killed live on for a moment. Linux only. */
export async function processesWorkingIn(data: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const numbers = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const owners = await Promise.all(numbers.map((pid) => ownerByProc(pid, data)));
  return numbers.filter((_, index) => owners[index] === 'ours');
}

async function isWorkingIn(pid: number, data: string): Promise<boolean> {
  const [there, here] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(data)]);
  return there.dev === here.dev && there.ino === here.ino;
}

async function readProc(pid: number, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}
