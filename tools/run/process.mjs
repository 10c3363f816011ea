import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const node = join(root, 'node_modules/node/bin/node');
const binaries = join(root, 'node_modules/.bin');
const guard = fileURLToPath(new URL('guard.mjs', import.meta.url));

/**
 * Bytes of freed memory that glibc's malloc keeps. Chunks of bodies are allocated and freed at the top of the heap; with the default, 128 KiB, each
 * is returned to the kernel and faulted in again. So is each allocation above a threshold, which glibc would raise by itself if the first one were
 * not set: TLS copies every write of a part into new memory, and then costs 0.84 CPU-s per GB instead of 0.36. The images set the same.
 */
const keptBytes = 32 * 1024 * 1024;

/** Returns the environment of everything that we start: the pinned Node and the workspace's tools come first. */
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
 * Runs the program on the pinned Node, forwards signals, and exits with its status. The program learns of our end by a channel. A terminal sends
 * Ctrl-C to both processes, so SIGINT is forwarded only without a terminal.
 */
export async function hand(programme, options) {
  const child = spawn(node, [join(root, programme), ...options], {
    env: environment(),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of endings) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  // Without a handler Node would open its debugger.
  process.on('SIGUSR1', () => {});
  const { code, signal } = await ended(child);
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
