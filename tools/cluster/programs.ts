import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Returns the path of a program on the PATH, or in the folder of `go install`. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go/bin')];
  return firstExecutable(folders.map((folder) => join(folder, name)));
}

const debianPostgres = '/usr/lib/postgresql';

/** Returns the folder of the newest Postgres that Debian has installed, or of the one on the PATH. */
export async function findPostgres(): Promise<string | undefined> {
  const versions = await readdir(debianPostgres).catch(() => []);
  const newestFirst = versions.toSorted((one, other) => Number(other) - Number(one));
  const folders = [
    ...newestFirst.map((version) => join(debianPostgres, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const found = await firstExecutable(folders.map((folder) => join(folder, 'initdb')));
  return found?.slice(0, -'/initdb'.length);
}

async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not here; try the next place.
    }
  }
  return undefined;
}
