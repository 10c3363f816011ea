import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes the directory of the registry's state, and the secret that seals what must survive a restart. @throws Error that names the directory */
export async function prepareHome(home: string): Promise<{ readonly secret: string }> {
  const path = join(home, 'secret');
  try {
    await mkdir(home, { recursive: true });
    return { secret: await readSecret(path) };
  } catch (error) {
    throw new HomeUnusable(home, error);
  }
}

/** The state's directory cannot be made or written. */
class HomeUnusable extends Error {
  override readonly name = 'HomeUnusable';
  readonly code = 'EACCES';
  constructor(home: string, cause: unknown) {
    super(
      `its home ${home} cannot be used (${cause instanceof Error ? cause.message : String(cause)}). Set LONGSHORE_HOME to a directory that can be written.`,
      { cause },
    );
  }
}

async function readSecret(path: string): Promise<string> {
  try {
    await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFile(path, 'utf8');
}
