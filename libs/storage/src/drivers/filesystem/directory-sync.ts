import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { codeOf } from './file-error.ts';

/** Errors of network and FUSE file systems that do not support fsync of a directory. They make entries durable in their own way. */
const unsupported = ['EINVAL', 'ENOTSUP', 'ENOSYS'];

/**
 * Makes the entries of directories survive a power cut. Calls for a directory that is being synced share one next sync, which begins after all of
 * them. Many concurrent pushes therefore cost few syncs.
 */
export class DirectorySync {
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  /** Resolves when every entry made before the call is durable. @throws the kernel's error */
  sync(path: string): Promise<void> {
    const running = this.#running.get(path);
    if (running === undefined) return this.#run(path);
    const shared =
      this.#next.get(path) ??
      settled(running).then(() => {
        this.#next.delete(path);
        return this.#run(path);
      });
    this.#next.set(path, shared);
    return shared;
  }

  #run(path: string): Promise<void> {
    const run = syncOnce(path).finally(() => {
      if (this.#running.get(path) === run) this.#running.delete(path);
    });
    this.#running.set(path, run);
    return run;
  }
}

async function syncOnce(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await handle.sync();
  } catch (error) {
    if (!unsupported.includes(codeOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Waits for a sync without sharing its failure. */
function settled(run: Promise<void>): Promise<void> {
  return run.catch(() => undefined);
}
