import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The Node that package.json pins. A start installs it only where the host's is older. */
export const bundledNode = join(root, 'node_modules/node/bin/node');
const binaries = join(root, 'node_modules/.bin');
const guard = fileURLToPath(new URL('guard.mjs', import.meta.url));

/**
 * Bytes of freed memory that glibc's malloc keeps. Chunks of bodies are allocated and freed at the top of the heap; with the default, 128 KiB, each
 * is returned to the kernel and faulted in again. So is each allocation above a threshold, which glibc would raise by itself if the first one were
 * not set: TLS copies every write of a part into new memory, and then costs 0.84 CPU-s per GB instead of 0.36. The images set the same.
 */
const keptBytes = 32 * 1024 * 1024;

/** Returns the environment of everything that we start: the workspace's tools come first, with the pinned Node if it is installed. */
function environment() {
  return {
    MALLOC_TRIM_THRESHOLD_: String(keptBytes),
    MALLOC_MMAP_THRESHOLD_: String(keptBytes),
    ...process.env,
    PATH: `${binaries}:${process.env.PATH ?? ''}`,
  };
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs a program to its end, with output to the terminal. It ends with this process. Rejects with the exit code in the message. */
export async function run(program, options) {
  const child = spawn(process.execPath, [guard, program, ...options], {
    cwd: root,
    env: environment(),
    // A separate group. By the channel it learns of our end, whatever the cause.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let stopping;
  const stop = (signal) => {
    stopping = signal;
    child.kill('SIGTERM');
  };
  for (const signal of endings) process.on(signal, stop);
  const { code, signal } = await ended(child);
  for (const name of endings) process.off(name, stop);
  if (stopping !== undefined) process.exit(128 + constants.signals[stopping]);
  if (code !== 0)
    throw new Error(`${program} ${options.join(' ')} failed (${signal ?? `exit code ${code}`})`);
}

/**
 * Runs the program on the pinned Node if it is installed, otherwise on the host's, and forwards signals. The program learns of our end by a channel,
 * and says by it that it ends because a package is missing. A terminal sends Ctrl-C to both processes, so SIGINT is forwarded only without a
 * terminal. @returns the exit status, and the package
 */
export async function hand(programme, options) {
  const node = existsSync(bundledNode) ? bundledNode : process.execPath;
  const child = spawn(node, [join(root, programme), ...options], {
    env: environment(),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const forward = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of endings) process.on(signal, forward);
  let missing;
  child.on('message', (message) => {
    missing = message?.missingPackage;
  });
  const { code, signal } = await ended(child);
  for (const name of endings) process.off(name, forward);
  return { status: code ?? 128 + (constants.signals[signal] ?? 0), missing };
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
