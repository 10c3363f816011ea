import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PidFile } from './pid-file.ts';
import { ownerByProc, ownerByPs, processesWorkingIn } from './server-processes.ts';

let folder: string;
const children: ReturnType<typeof spawn>[] = [];
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'server-processes-')));
  await mkdir(join(folder, 'data'));
  await copyFile('/bin/sleep', join(folder, 'postgres'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Starts a program named postgres in the given working directory. */
async function server(cwd: string, program = join(folder, 'postgres')): Promise<number> {
  const child = spawn(program, ['600'], { cwd });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

describe('ownerByProc', () => {
  it('recognises the server of the directory, also behind a link', async () => {
    const pid = await server(join(folder, 'data'));
    await symlink('data', join(folder, 'link'));
    expect(await ownerByProc(pid, join(folder, 'data'))).toBe('ours');
    expect(await ownerByProc(pid, join(folder, 'link'))).toBe('ours');
    expect(await processesWorkingIn(join(folder, 'data'))).toEqual([pid]);
  });

  it('does not claim a server of another directory, nor another program in this one', async () => {
    expect(await ownerByProc(await server(folder), join(folder, 'data'))).toBe('stranger');
    expect(await ownerByProc(await server(join(folder, 'data'), '/bin/sleep'), join(folder, 'data'))).toBe(
      'stranger',
    );
  });

  it('reports an unused pid as gone', async () => {
    expect(await ownerByProc(2 ** 22 + 1, folder)).toBe('gone');
  });
});

function pidFileOf(pid: number, directory: string, startedAt = Date.now() / 1000): PidFile {
  return { pid, directory, startedAt, status: 'ready' };
}

/** Starts a process that `ps` shows like a server: `postgres … -D DIRECTORY`. */
async function listed(directory: string): Promise<number> {
  const options = ['--eval', 'setInterval(() => {}, 1000)', '--', '-D', directory];
  const child = spawn(process.execPath, options, { argv0: '/bin/postgres' });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

describe('ownerByPs', () => {
  it('recognises the server by its command line and its start', async () => {
    const pid = await listed('/srv/data');
    expect(await ownerByPs(pidFileOf(pid, '/srv/data'), '/srv/data')).toBe('ours');
    expect(await ownerByPs(pidFileOf(pid, '/srv/data'), '/srv/copy')).toBe('stranger');
    expect(await ownerByPs(pidFileOf(pid, '/srv/data', 1_700_000_000), '/srv/data')).toBe('stranger');
    expect(await ownerByPs(pidFileOf(2 ** 22 + 1, '/srv/data'), '/srv/data')).toBe('gone');
  });
});
