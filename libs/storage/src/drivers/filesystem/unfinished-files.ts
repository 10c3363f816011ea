import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './file-error.ts';

/** The directory of unfinished files. No key may contain a tilde, so its files are not objects and are not listed. */
const directory = '~unfinished';
/** Age in milliseconds at which an unfinished file is abandoned: its process is gone. */
const abandoned = 24 * 60 * 60 * 1000;

/** Returns a new path at which a small object is written before it is renamed to its key. */
export function unfinishedKey(): string {
  return `${directory}/${randomUUID()}`;
}

/** Removes the unfinished files of dead processes. */
export async function removeUnfinished(root: string): Promise<void> {
  const before = Date.now() - abandoned;
  for (const name of await namesIn(join(root, directory))) {
    const path = join(root, directory, name);
    if (await isOlder(path, before)) await rm(path, { force: true });
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function isOlder(path: string, time: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs < time;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
