import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isObjectKey, type ObjectKey } from '../../object-key.ts';
import { codeOf, readError } from './file-error.ts';

interface Walk {
  readonly root: string;
  readonly prefix: string;
  readonly startAfter: string;
}

/**
 * Yields the keys of all files below a root, sorted. A directory sorts as its name followed by a slash, which matches the order of the keys. Memory
 * holds the names of one directory for each level. Names that are not keys (links, unfinished files) are skipped.
 */
export async function* walkFiles(walk: Walk, below = ''): AsyncGenerator<ObjectKey> {
  for (const { name, isDirectory } of await namesIn(walk.root, below)) {
    if (isDirectory && mayHold(name, walk)) yield* walkFiles(walk, name);
    else if (!isDirectory && name.startsWith(walk.prefix) && name > walk.startAfter && isObjectKey(name))
      yield name;
  }
}

/** Whether a directory can contain wanted keys: it leads to the prefix or lies within it, and is not wholly before `startAfter`. */
function mayHold(directory: string, { prefix, startAfter }: Walk): boolean {
  const within = directory.startsWith(prefix) || prefix.startsWith(directory);
  return within && (directory > startAfter || startAfter.startsWith(directory));
}

async function namesIn(root: string, below: string): Promise<{ name: string; isDirectory: boolean }[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(root, below), { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw readError(error, below);
  }
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({
      name: `${below}${entry.name}${entry.isDirectory() ? '/' : ''}`,
      isDirectory: entry.isDirectory(),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
