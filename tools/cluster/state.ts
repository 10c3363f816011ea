import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Replica } from './services.ts';
import type { Supervised } from './supervised.ts';

/**
 * Creates the directory of the cluster. Other users may traverse it, since Postgres may run as another user. @throws Error if it cannot be written
 */
export function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true });
    chmodSync(home, 0o755);
  } catch (error) {
    throw new Error(`cannot write to ${home}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Records the processes, for tools and tests. Rewritten in one step at each restart. */
export function writeProcesses(
  home: string,
  running: readonly { replica: Replica; supervised: Supervised }[],
): void {
  const path = join(home, 'processes.json');
  const document = running.map(({ replica: { name, replica, http, debug }, supervised }) => ({
    name,
    replica,
    pid: supervised.pid,
    http,
    debug,
  }));
  writeFileSync(`${path}.new`, JSON.stringify(document, null, 2));
  renameSync(`${path}.new`, path);
}
