import { realpath, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '@longshore/configuration';
import { type PidFile, pidFilePath, readPidFile } from './pid-file.ts';
import { ownerOf, processesWorkingIn } from './server-processes.ts';

/** Milliseconds that a server gets for a fast shutdown, then again for an immediate one. */
const stopMs = 60_000;
/** Milliseconds that the processes of a killed server get to end. */
const orphansMs = 20_000;

/**
 * Stops the server that a killed registry left on this data, and removes a pid file that names another process. Signals a process only if it is
 * proven to be the server of this directory: after a power cut the pid may belong to another process, and a copied home names the server of the
 * original.
 *
 * @throws Error if processes that are not ours hold the data
 */
export async function stopLeftOver(data: string, say: (message: string) => void): Promise<void> {
  const file = await readPidFile(data);
  if (file === undefined) return;
  if (await isElsewhere(file, data))
    say(
      `this home was copied or moved from ${file.directory}; if a registry was running there meanwhile, the copy may be incomplete`,
    );
  const owner = await ownerOf(file, data);
  if (owner === 'unknown')
    throw new Error(
      `process ${file.pid} may be the Postgres of ${data}, and this user may not look at it. Stop it, or start the registry as its user.`,
    );
  if (owner === 'ours') await stop(file, data, say);
  if (owner === 'stranger')
    say(
      `process ${file.pid}, which ${pidFilePath(data)} names, is not the Postgres of this home; it is left alone`,
    );
  await untilNobodyWorksIn(data);
  await rm(pidFilePath(data), { force: true });
}

async function isElsewhere({ directory }: PidFile, data: string): Promise<boolean> {
  // A path that no longer exists was another directory.
  const [there, here] = await Promise.all([realpath(directory).catch(() => directory), realpath(data)]);
  return there !== here;
}

async function stop(file: PidFile, data: string, say: (message: string) => void): Promise<void> {
  say(`stopping Postgres (process ${file.pid}), which an earlier start has left running`);
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    signalIt(file.pid, signal);
    // The second signal is for a server that ignored the first one.
    if (await within(stopMs, async () => (await ownerOf(file, data)) !== 'ours')) return;
  }
  throw new Error(`Postgres (process ${file.pid}) does not stop`);
}

function signalIt(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

async function untilNobodyWorksIn(data: string): Promise<void> {
  let left: number[] = [];
  const isEmpty = await within(orphansMs, async () => {
    left = await processesWorkingIn(data);
    return left.length === 0;
  });
  if (!isEmpty)
    throw new Error(`processes ${left.join(', ')} of another Postgres still use ${data}; end them first`);
}

async function within(milliseconds: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    if (await isSo()) return true;
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
}
