import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './file-error.ts';

/** No segment of a key may contain a tilde: what lies here is no object, and is not listed. */
const directory = '~unfinished';
/** A file this old belongs to a process that is gone. Milliseconds. */
const abandoned = 24 * 60 * 60 * 1000;

/** Where a small object is written before it takes its place. */
export function unfinishedKey(): string {
  return `${directory}/${randomUUID()}`;
}

/** Removes what processes that died left behind. */
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
