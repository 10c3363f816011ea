import { type ChildProcess, execFile, type ExecFileOptions, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { chown, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs Postgres's programs as a user other than root, since Postgres refuses to run as root. */
export interface Runner {
  run(program: string, options: readonly string[]): Promise<string>;
  /** Starts a program in its own session, with its output in a file. */
  spawn(program: string, options: readonly string[], output: number): ChildProcess;
  /** Gives a directory to the user that runs the programs. */
  own(path: string): Promise<void>;
}

/**
 * For a normal user, runs as that user. For root, runs as the account `postgres` or `nobody` if it can reach the given paths; otherwise (a clone
 * under /root) in a user namespace in which root has another id.
 */
export async function unprivilegedRunner(paths: readonly string[]): Promise<Runner> {
  if (process.getuid?.() !== 0) return runner({});
  const account = await accountOf(['postgres', 'nobody']);
  if (account !== undefined && (await everyoneMayEnter(paths))) return runner(account);
  return namespaceRunner();
}

function runner(identity: { uid?: number; gid?: number }): Runner {
  return {
    run: (program, options) => output(program, options, identity),
    spawn: (program, options, descriptor) => begin(program, options, descriptor, identity),
    own: async (path) => {
      if (identity.uid !== undefined && identity.gid !== undefined)
        await chown(path, identity.uid, identity.gid);
    },
  };
}

function namespaceRunner(): Runner {
  const within = ['--user', '--map-user=65534', '--map-group=65534'];
  return {
    run: (program, options) => output('unshare', [...within, program, ...options], {}),
    // unshare becomes the program, so the process is the program's.
    spawn: (program, options, descriptor) =>
      begin('unshare', [...within, program, ...options], descriptor, {}),
    own: () => Promise.resolve(),
  };
}

/**
 * The variables that the programs need. Others are left out: they include the registry's secrets, and other processes of the account that runs
 * Postgres may read them. The message language is fixed, so that a failure reads the same everywhere.
 */
function environment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];
  const kept = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

function begin(
  program: string,
  options: readonly string[],
  descriptor: number,
  identity: { uid?: number; gid?: number },
): ChildProcess {
  return spawn(program, options, {
    ...identity,
    cwd: '/',
    env: environment(),
    detached: true,
    stdio: ['ignore', descriptor, descriptor],
  });
}

async function output(
  program: string,
  options: readonly string[],
  identity: ExecFileOptions,
): Promise<string> {
  try {
    const { stdout } = await execute(program, options, { ...identity, cwd: '/', env: environment() });
    return String(stdout);
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`${program} ${options[0] ?? ''} failed: ${stderr === '' ? String(error) : stderr}`, {
      cause: error,
    });
  }
}

async function accountOf(names: readonly string[]): Promise<{ uid: number; gid: number } | undefined> {
  const accounts = await readFile('/etc/passwd', 'utf8');
  for (const name of names) {
    const [, , uid, gid] =
      accounts
        .split('\n')
        .find((line) => line.startsWith(`${name}:`))
        ?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

async function everyoneMayEnter(paths: readonly string[]): Promise<boolean> {
  const directories = new Set(paths.flatMap((path) => directoriesAbove(resolve(path))));
  const modes = await Promise.all([...directories].map((directory) => stat(directory)));
  return modes.every(({ mode }) => (mode & constants.S_IXOTH) !== 0);
}

function directoriesAbove(path: string): string[] {
  const directory = dirname(path);
  return directory === path ? [] : [directory, ...directoriesAbove(directory)];
}
