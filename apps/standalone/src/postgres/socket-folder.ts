import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readlink, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { codeOf } from '@longshore/configuration';
import { socketsOf } from '@longshore/metadata';

const prefix = 'longshore-';

export interface SocketFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Creates a folder for the server's socket: `sockets` in the home. The path of a socket has at most 107 bytes, and some shared file systems support
 * none. In those cases it is in the temporary directory, and `sockets` is a link to it. By the link the next start finds and removes the folder of a
 * killed one.
 */
export async function makeSocketFolder(home: string): Promise<SocketFolder> {
  const place = socketsOf(home);
  const remove = (): Promise<void> => removeFolder(place);
  await remove();
  await mkdir(place, { mode: 0o700 });
  if (await takesSockets(place)) return { path: place, remove };
  await rm(place, { recursive: true });
  const path = await mkdtemp(join(tmpdir(), prefix));
  await symlink(path, place);
  return { path, remove };
}

async function removeFolder(place: string): Promise<void> {
  const target = await linkedTo(place);
  // Removes only a folder that we have created, wherever the link points by now.
  if (target !== undefined && basename(target).startsWith(prefix))
    await rm(target, { recursive: true, force: true });
  await rm(place, { recursive: true, force: true });
}

async function linkedTo(place: string): Promise<string | undefined> {
  try {
    return (await lstat(place)).isSymbolicLink() ? await readlink(place) : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Tries a name as long as the server's. */
async function takesSockets(folder: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(join(folder, '.s.PGSQL.5432'));
    await once(server, 'listening');
    return true;
  } catch {
    // Too long, or not supported: Node and systems use several codes for both.
    return false;
  } finally {
    server.close();
  }
}
