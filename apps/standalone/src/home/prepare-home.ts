import { randomBytes } from 'node:crypto';
import { access, constants, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '@longshore/configuration';
import { makeDirectories } from '@longshore/storage';

/** Creates the directory of the registry's state, and the secret that seals state across restarts. @throws HomeUnusable */
export async function prepareHome(home: string): Promise<{ readonly secret: string }> {
  try {
    await makeDirectories(home);
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
    return { secret: await readSecret(join(home, 'secret')) };
  } catch (error) {
    throw new HomeUnusable(home, await reasonOf(home, error), error);
  }
}

/** The directory of the state cannot be created or written. */
class HomeUnusable extends Error {
  override readonly name = 'HomeUnusable';
  readonly code = 'EACCES';
  constructor(home: string, reason: string, cause: unknown) {
    super(`its home ${home} cannot be used: ${reason}`, { cause });
  }
}

async function reasonOf(home: string, error: unknown): Promise<string> {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return 'there is no space left on its disk. Free some, and start again.';
  const other = code === 'EACCES' || code === 'EPERM' ? await otherOwner(home) : undefined;
  if (other !== undefined)
    return `it belongs to ${other}, and this is ${await accountName(process.geteuid?.())}. Start the registry as its user, or set LONGSHORE_HOME to a directory of your own.`;
  return `${error instanceof Error ? error.message : String(error)}. Set LONGSHORE_HOME to a directory that can be written.`;
}

/** Returns the owner of the home, or of the nearest existing directory above it. */
async function otherOwner(path: string): Promise<string | undefined> {
  try {
    const { uid } = await stat(path);
    return uid === process.geteuid?.() ? undefined : await accountName(uid);
  } catch {
    return dirname(path) === path ? undefined : otherOwner(dirname(path));
  }
}

async function accountName(uid = 0): Promise<string> {
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const name = accounts
    .split('\n')
    .find((line) => line.split(':')[2] === String(uid))
    ?.split(':')[0];
  return name ?? `user ${uid}`;
}

/** Treats an empty file as missing: a full disk leaves one. */
async function readSecret(path: string): Promise<string> {
  const known = await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  if (known !== '') return known;
  await writeFile(path, randomBytes(32).toString('hex'), { mode: 0o600 });
  return readFile(path, 'utf8');
}
