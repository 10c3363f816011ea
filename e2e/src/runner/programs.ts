import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Folders of programs: the PATH, and the folder of `go install`. */
export const programPath = [
  process.env['PATH'] ?? '',
  join(homedir(), 'go/bin'),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
].join(delimiter);

/** Rejects with the names of missing programs: nothing is skipped silently. */
export async function requirePrograms(names: readonly string[] = []): Promise<void> {
  const found = await Promise.all(names.map(pathOf));
  const missing = names.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) throw new Error(`missing programs: ${missing.join(', ')}`);
}

/** Returns where a program is. Undefined if it is not installed. */
export async function pathOf(name: string): Promise<string | undefined> {
  for (const folder of programPath.split(delimiter)) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
