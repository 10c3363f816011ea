import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@longshore/configuration';
import { socketUrl } from '@longshore/metadata';
import { BoundedLog } from './bounded-log.ts';
import { KeptRunning } from './kept-running.ts';
import { stopLeftOver } from './stop-left-over.ts';
import { Postmaster } from './postmaster.ts';
import { makeSocketFolder } from './socket-folder.ts';
import { type Runner, unprivilegedRunner } from './unprivileged.ts';

/** Paths of Postgres's programs. */
export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
}

export interface PostgresServer {
  /** A connection URL over a Unix socket. It needs no port and no password, and other users of the machine cannot connect. */
  readonly url: string;
  /** Resolves with the reason when the server died and could not be restarted. */
  readonly lost: Promise<Error>;
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** The directory whose `postgres` has the data. The caller holds the home's lock. */
  readonly home: string;
  readonly progress: (message: string) => void;
  readonly connections: number;
  readonly sharedBuffers: string;
  /** Milliseconds for which a dead server is restarted. Default five minutes. */
  readonly patience?: number;
}

const defaultPatience = 300_000;

/**
 * Starts a server, and restarts it on the same socket when it dies (out of memory, a disk that was full). First stops a server that a killed registry
 * left behind.
 *
 * @throws Error with the server's message if it does not start
 */
export async function startPostgresServer(
  programs: PostgresPrograms,
  { home, progress, patience = defaultPatience, ...limits }: PostgresServerOptions,
): Promise<PostgresServer> {
  const data = join(home, 'postgres');
  await mkdir(home, { recursive: true });
  const runner = await unprivilegedRunner([programs.postgres, data]);
  if (!(await exists(data))) {
    progress('making the database (first start only)');
    await initialise(runner, programs, data);
  }
  await stopLeftOver(data, progress);
  const sockets = await makeSocketFolder(home);
  await runner.own(sockets.path);
  const log = new BoundedLog(join(data, 'server.log'));
  const settings = settingsOf(sockets.path, limits);
  const start = async (): Promise<Postmaster> => {
    // Processes of a killed server may still be ending.
    await stopLeftOver(data, progress);
    return Postmaster.start({ runner, program: programs.postgres, data, settings, log });
  };
  const close = async (): Promise<void> => {
    log.close();
    await sockets.remove();
  };
  progress('starting Postgres');
  try {
    const server = await KeptRunning.start({ name: 'Postgres', start, say: progress, patience });
    return {
      url: socketUrl(sockets.path),
      lost: server.lost,
      stop: async () => {
        await server.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function settingsOf(
  sockets: string,
  { connections, sharedBuffers }: Pick<PostgresServerOptions, 'connections' | 'sharedBuffers'>,
): Readonly<Record<string, string>> {
  return {
    listen_addresses: '',
    unix_socket_directories: sockets,
    max_connections: String(connections),
    shared_buffers: sharedBuffers,
    jit: 'off',
  };
}

/** Creates the data beside its place and renames it into place: a start that is killed half-way leaves nothing that looks like a database. */
async function initialise(runner: Runner, { initdb }: PostgresPrograms, data: string): Promise<void> {
  const unfinished = `${data}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await runner.own(unfinished);
  const database = ['-U', 'longshore', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions'];
  try {
    await runner.run(initdb, ['-D', unfinished, ...database]);
  } catch (error) {
    throw explained(error, data);
  }
  await rename(unfinished, data);
}

/** Says in our own words what a user can mend. */
function explained(error: unknown, data: string): unknown {
  const told = error instanceof Error ? error.message : '';
  if (told.includes('No space left on device'))
    return new Error(`there is no space left for the database ${data}`, { cause: error });
  const nameless = /could not look up effective user ID (\d+)/.exec(told);
  if (nameless !== null)
    return new Error(
      `user ${nameless[1]} has no name, and Postgres makes a database only for a user who has one: add the user to /etc/passwd, in a container by mounting a file that has it`,
      { cause: error },
    );
  return error;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
