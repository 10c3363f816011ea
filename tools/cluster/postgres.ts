import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../apps/standalone/src/postgres/embedded-postgres.ts';
import { type Runner, unprivilegedRunner } from '../../apps/standalone/src/postgres/unprivileged.ts';
import { findPostgres } from './programs.ts';

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The Postgres of this machine under `home`, or the embedded one where the machine has none. Only this machine's users with access to a socket reach it. */
export async function startPostgres(
  home: string,
  progress: (message: string) => void,
): Promise<PostgresServer> {
  const folder = await findPostgres();
  if (folder === undefined) return startEmbeddedPostgres(home, progress);
  progress(`starting Postgres (${folder})`);
  const data = join(home, 'postgres');
  const control = join(folder, 'pg_ctl');
  const runner = await unprivilegedRunner([control, data]);
  if (!existsSync(data)) await initialise(runner, join(folder, 'initdb'), data);
  await stopLeftOver(runner, control, data);
  const sockets = await mkdtemp(join(tmpdir(), 'longshore-'));
  await runner.own(sockets);
  await runner.run(control, [
    '-D',
    data,
    '-w',
    '-t',
    '60',
    '-l',
    join(data, 'server.log'),
    '-o',
    serverOptions(sockets),
    'start',
  ]);
  return {
    url: `postgresql://longshore@/postgres?host=${encodeURIComponent(sockets)}`,
    stop: async () => {
      await runner.run(control, ['-D', data, '-m', 'fast', '-w', 'stop']);
      await rm(sockets, { recursive: true, force: true });
    },
  };
}

function serverOptions(sockets: string): string {
  return `-c listen_addresses='' -c unix_socket_directories='${sockets}' -c max_connections=300 -c shared_buffers=128MB -c jit=off`;
}

/** Made beside its place and renamed into it: a start that is killed half-way leaves nothing that looks like a database. */
async function initialise(runner: Runner, initdb: string, data: string): Promise<void> {
  const unfinished = `${data}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await runner.own(unfinished);
  await runner.run(initdb, [
    '-D',
    unfinished,
    '-U',
    'longshore',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-instructions',
  ]);
  await rename(unfinished, data);
}

async function stopLeftOver(runner: Runner, control: string, data: string): Promise<void> {
  try {
    await runner.run(control, ['-D', data, 'status']);
  } catch {
    // Exit status 3: no server runs there, which is the usual case.
    return;
  }
  await runner.run(control, ['-D', data, '-m', 'fast', '-w', 'stop']);
}
