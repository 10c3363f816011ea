import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runner, unprivilegedRunner } from './unprivileged.ts';

/** Paths of Postgres's own programs. */
export interface PostgresPrograms {
  readonly pg_ctl: string;
  readonly initdb: string;
}

export interface PostgresServer {
  /** A connection URL over a Unix socket: no port, no password, nobody else on the machine can connect. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** The data is in `postgres` below it. */
  readonly home: string;
  readonly progress: (message: string) => void;
  readonly connections: number;
  readonly sharedBuffers: string;
}

/**
 * A server that is started through pg_ctl, which makes it the leader of its own session: Ctrl-C in the terminal reaches the registry alone,
 * which stops the server after its own work is done. A server that a killed registry left behind is stopped first.
 */
export async function startPostgresServer(
  programs: PostgresPrograms,
  { home, progress, ...limits }: PostgresServerOptions,
): Promise<PostgresServer> {
  const data = join(home, 'postgres');
  await mkdir(home, { recursive: true });
  const runner = await unprivilegedRunner([programs.pg_ctl, data]);
  if (!(await exists(data))) {
    progress('making the database (first start only)');
    await initialise(runner, programs, data);
  }
  await stopLeftOver(runner, programs, data);
  const sockets = await mkdtemp(join(tmpdir(), 'longshore-'));
  await runner.own(sockets);
  progress('starting Postgres');
  const log = ['-l', join(data, 'server.log')];
  await runner.run(programs.pg_ctl, [
    '-D',
    data,
    '-w',
    '-t',
    '60',
    ...log,
    '-o',
    serverOptions(sockets, limits),
    'start',
  ]);
  return {
    url: `postgresql://longshore@/postgres?host=${encodeURIComponent(sockets)}`,
    stop: async () => {
      await runner.run(programs.pg_ctl, ['-D', data, '-m', 'fast', '-w', 'stop']);
      await rm(sockets, { recursive: true, force: true });
    },
  };
}

function serverOptions(
  sockets: string,
  { connections, sharedBuffers }: Pick<PostgresServerOptions, 'connections' | 'sharedBuffers'>,
): string {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: sockets,
    max_connections: String(connections),
    shared_buffers: sharedBuffers,
    jit: 'off',
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}='${value}'`)
    .join(' ');
}

async function stopLeftOver(runner: Runner, { pg_ctl }: PostgresPrograms, data: string): Promise<void> {
  try {
    await runner.run(pg_ctl, ['-D', data, 'status']);
  } catch {
    // Exit status 3: no server runs there, which is the usual case. A stale pid file is pg_ctl's own business.
    return;
  }
  await runner.run(pg_ctl, ['-D', data, '-m', 'fast', '-w', 'stop']);
}

/** Made beside its place and renamed into it: a start that is killed half-way leaves nothing that looks like a database. */
async function initialise(runner: Runner, { initdb }: PostgresPrograms, data: string): Promise<void> {
  const unfinished = `${data}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
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

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
