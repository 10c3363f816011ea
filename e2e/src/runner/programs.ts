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
  const found = await Promise.all(names.map(isInstalled));
  const missing = names.filter((_, index) => found[index] !== true);
  if (missing.length > 0) throw new Error(`missing programs: ${missing.join(', ')}`);
}

async function isInstalled(name: string): Promise<boolean> {
  for (const folder of programPath.split(delimiter)) {
    try {
      await access(join(folder, name), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
    }
  }
  return false;
}
