import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@longshore/configuration';

/** The folder, below the home of a standalone registry, that holds the socket of its Postgres; or a link to one with a shorter path. */
export function socketsOf(home: string): string {
  return join(home, 'sockets');
}

/** The address of the Postgres whose socket is in a folder. Whoever may enter the folder is let in. */
export function socketUrl(folder: string): string {
  return `postgresql://longshore@/postgres?host=${encodeURIComponent(folder)}`;
}

/** The address of the Postgres that a standalone registry runs in its home, or undefined when none runs there. */
export async function homeDatabaseUrl(home: string): Promise<string | undefined> {
  const place = socketsOf(home);
  try {
    return socketUrl(await readlink(place));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    // It is the folder itself.
    if (code === 'EINVAL') return socketUrl(place);
    throw error;
  }
}
