import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './file-error.ts';

/**
 * Creates a directory and its missing parents. Node's own `recursive` loops forever, at full CPU, if the kernel answers ENOENT to a mkdir whose
 * parent exists (/proc, an automounter that does not know the name).
 *
 * @returns the topmost directory that was created; undefined if all existed
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

/** Creates one directory. Returns false if it exists. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  }
}
