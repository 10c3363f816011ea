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
 * The keys of all files below a root, sorted. A directory sorts as its name and a slash, which is how its keys sort among others. The names
 * of one directory at a time are in memory, for each level; what is no key (links, our unfinished files) is passed over.
 */
export async function* walkFiles(walk: Walk, below = ''): AsyncGenerator<ObjectKey> {
  for (const { name, isDirectory } of await namesIn(walk.root, below)) {
    if (isDirectory && mayHold(name, walk)) yield* walkFiles(walk, name);
    else if (!isDirectory && name.startsWith(walk.prefix) && name > walk.startAfter && isObjectKey(name))
      yield name;
  }
}

/** Whether keys below a directory can be wanted: it is on the way to the prefix, or in it, and not wholly before `startAfter`. */
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
