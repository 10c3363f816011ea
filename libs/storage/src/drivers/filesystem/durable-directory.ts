import { mkdir, open, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './file-error.ts';

/** Makes a directory's entries survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a directory and those above it, each entry durable in its parent. */
export async function makeDurableDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Removes empty directories upwards, below `root`. One that somebody just put a file into stays. */
export async function removeEmptyParents(path: string, root: string): Promise<void> {
  for (let directory = dirname(path); directory.length > root.length; directory = dirname(directory)) {
    try {
      await rmdir(directory);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
      if (code !== 'ENOENT') throw error;
    }
  }
}
