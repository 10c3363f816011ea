import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from '@longshore/configuration';
import type { PidFile } from './pid-file.ts';

const execute = promisify(execFile);

/** Seconds by which a process's start may differ from its pid file: the file is written a moment after the start. */
const startSlack = 60;

export type Owner =
  /** A proven server of this data directory. */
  | 'ours'
  /** No process has the pid, or another program has it. */
  | 'gone'
  | 'stranger'
  /** The system does not let us look, and the process is named postgres. */
  | 'unknown';

/** Identifies the process that a pid file names. `data` is the directory of the file, which differs from the file's own text in a copy. */
export function ownerOf(file: PidFile, data: string): Promise<Owner> {
  return process.platform === 'linux' ? ownerByProc(file.pid, data) : ownerByPs(file, data);
}

/**
 * Identifies by the executable and the working directory, which is the data directory for each process of a server. Compares directories by their
 * inodes: a path differs behind links, and in another mount namespace. The start time would prove nothing more, and is wrong if the clock was set
 * since.
 */
export async function ownerByProc(pid: number, data: string): Promise<Owner> {
  const state = /^State:\s*(\w)/m.exec(await readProc(pid, 'status'))?.[1];
  // A zombie has ended. It waits for its parent, which in a container may never reap it.
  if (state === undefined || state === 'Z' || state === 'X') return 'gone';
  try {
    const program = basename(await readlink(`/proc/${pid}/exe`)).replace(' (deleted)', '');
    return program === 'postgres' && (await isWorkingIn(pid, data)) ? 'ours' : 'stranger';
  } catch (error) {
    if (!isRefused(error)) return 'gone';
    return (await readProc(pid, 'comm')).trim() === 'postgres' ? 'unknown' : 'stranger';
  }
}

/** Identifies without /proc: by the command line, which names the directory, and by the start time. */
export async function ownerByPs({ pid, startedAt }: PidFile, data: string): Promise<Owner> {
  let line: string;
  try {
    const { stdout } = await execute('ps', ['-o', 'lstart=', '-o', 'command=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    line = stdout.trim();
  } catch {
    // Exit status 1: no process has the pid.
    return 'gone';
  }
  const [, started = '', command = ''] = /^(\w+ +\w+ +\d+ [\d:]+ \d+) +(.*)$/.exec(line) ?? [];
  const isServer = /(?:^|\/)postgres /.test(command) && command.includes(data);
  const isOfThatTime = Math.abs(Date.parse(started) / 1000 - startedAt) <= startSlack;
  return isServer && isOfThatTime ? 'ours' : 'stranger';
}

/** Returns the pids of all Postgres processes in the directory: those of a killed server live on for a moment. Linux only. */
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
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM';
}
