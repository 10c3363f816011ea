import { join } from 'node:path';
import { run } from './command.ts';

/** Runs Helm in a folder, with its own caches and credentials instead of the user's. */
export function helmIn(folder: string, ...options: readonly string[]): Promise<string> {
  return run('helm', options, {
    cwd: folder,
    environment: {
      HELM_CACHE_HOME: join(folder, 'cache'),
      HELM_CONFIG_HOME: join(folder, 'config'),
      HELM_DATA_HOME: join(folder, 'data'),
    },
  });
}
