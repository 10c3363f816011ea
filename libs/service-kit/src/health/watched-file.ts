import { readFile } from 'node:fs/promises';
import { type Configuration, isKeyUrl } from '@longshore/configuration';
import type { Readiness, Work } from './readiness.ts';

/** Milliseconds. Two failed checks are a problem: a file may be missing for a moment while it is replaced. */
const pace = { interval: 5000, timeout: 5000, threshold: 2 };

/**
 * Reports a file that is missing or unreadable, under the key that names it.
 * @param work the work that fails without the file
 */
export function watchFile(readiness: Readiness, key: string, path: string, work: Work): void {
  const check = async (signal: AbortSignal): Promise<void> => {
    await readFile(path, { signal });
  };
  readiness.watch(key, check, { ...pace, work });
}

/** Watches the files with the keys of an external token server. Without them the known keys stay in use. */
export function watchTokenKeys({ auth }: Configuration, readiness: Readiness): void {
  const { jwks, rootcertbundle } = auth?.token ?? {};
  for (const [name, path] of Object.entries({ jwks, rootcertbundle }))
    if (path !== undefined && !isKeyUrl(path)) watchFile(readiness, `auth.token.${name}`, path, 'none yet');
}
