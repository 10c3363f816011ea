import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './file-error.ts';

/**
 * Makes a directory with all those above it that are missing. Node's own `recursive` never ends, with a processor of its own, where the kernel answers
 * ENOENT to a mkdir whose parent is there (/proc, an automounter without the place).
 *
 * @returns the topmost directory that was made; undefined when all were there
 * @throws the kernel's error
 */
export async function makeDirectories(path: string): Promise<string | undefined> {
  try {
    return (await isMade(path)) ? path : undefined;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const first = await makeDirectories(dirname(path));
  const made = await isMade(path);
  return first ?? (made ? path : undefined);
}

/** False when it is there already. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  }
}
