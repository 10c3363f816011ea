import { readFile } from 'node:fs/promises';
import type { Configuration } from '@longshore/configuration';
import type { Readiness, Work } from './readiness.ts';

/** Two looks that find nothing are a problem: a file that is being replaced may be away for a moment. Milliseconds. */
const pace = { interval: 5000, timeout: 5000, threshold: 2 };

/**
 * Tells of a file that went away or cannot be read any more, under the key that names it.
 * @param work what fails without the file
 */
export function watchFile(readiness: Readiness, key: string, path: string, work: Work): void {
  const check = async (signal: AbortSignal): Promise<void> => {
    await readFile(path, { signal });
  };
  readiness.watch(key, check, { ...pace, work });
}

/** The files with the keys of an external token server. The doors go on with the keys that they know. */
export function watchTokenKeys({ auth }: Configuration, readiness: Readiness): void {
  const { jwks, rootcertbundle } = auth?.token ?? {};
  for (const [name, path] of Object.entries({ jwks, rootcertbundle }))
    if (path !== undefined) watchFile(readiness, `auth.token.${name}`, path, 'none yet');
}
