import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layOutAccounts, makeShared } from './base-image.ts';
import { copyInto, copyProgramsInto } from './copy-into.ts';

const installations = '/usr/lib/postgresql';
const programs = ['postgres', 'initdb', 'pg_ctl', 'pg_isready', 'psql', 'pg_dump', 'pg_restore'];

/**
 * Creates the cluster at the first start, as the official image does: the password comes from a file or the environment, and local connections in the
 * container need none.
 */
const entrypoint = `#!/bin/sh
set -eu
umask 077
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password=/tmp/password
  if [ -n "\${POSTGRES_PASSWORD_FILE:-}" ]; then read -r POSTGRES_PASSWORD < "$POSTGRES_PASSWORD_FILE" || [ -n "$POSTGRES_PASSWORD" ]; fi
  if [ -z "\${POSTGRES_PASSWORD:-}" ]; then echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE is not set" >&2; exit 64; fi
  printf '%s\\n' "$POSTGRES_PASSWORD" > $password
  initdb --pgdata="$PGDATA" --username="\${POSTGRES_USER:-longshore}" --pwfile=$password --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8 --locale=C --no-instructions
  : > $password
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  if [ "\${POSTGRES_DB:-postgres}" != postgres ]; then
    echo "CREATE DATABASE \\"$POSTGRES_DB\\";" | postgres --single -D "$PGDATA" postgres > /dev/null
  fi
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
`;

/**
 * Copies a small Postgres for a first try, from the newest Debian package on this machine. For production use an operator or a service.
 * @throws Error if none is installed
 */
export async function layOutPostgres(root: string): Promise<void> {
  const versions = existsSync(installations) ? readdirSync(installations) : [];
  const version = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (version === undefined)
    throw new Error(`there is no Postgres below ${installations}: apt-get install postgresql`);
  const home = join(installations, version);
  await copyProgramsInto(root, [...programs.map((name) => join(home, 'bin', name)), '/bin/sh']);
  const libraries = join(home, 'lib');
  cpSync(libraries, join(root, libraries), {
    recursive: true,
    filter: (path) => !/bitcode|llvmjit/.test(path),
  });
  cpSync(join('/usr/share/postgresql', version), join(root, 'usr/share/postgresql', version), {
    recursive: true,
    filter: (path) => !path.endsWith('/man'),
  });
  cpSync('/usr/share/zoneinfo', join(root, 'usr/share/zoneinfo'), {
    recursive: true,
    filter: (path) => !/\/(right|posix)$/.test(path),
  });
  copyInto(root, '/usr/lib/locale/C.utf8/LC_CTYPE');
  symlinkSync(join(version, 'bin'), join(root, installations, 'bin'));
  layOutAccounts(root);
  makeShared(join(root, 'var/lib/postgresql'));
  const script = join(root, 'usr/local/bin/postgres-entrypoint');
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  writeFileSync(script, entrypoint);
  chmodSync(script, 0o755);
}
