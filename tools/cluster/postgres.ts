import { join } from 'node:path';
import { embeddedPrograms } from '../../apps/standalone/src/postgres/embedded-postgres.ts';
import {
  type PostgresPrograms,
  type PostgresServer,
  startPostgresServer,
} from '../../apps/standalone/src/postgres/postgres-server.ts';
import { findPostgres } from './programs.ts';

/**
 * Starts this machine's Postgres under `home`, or the embedded one if the machine has none. Only local users with access to the socket can connect.
 */
export async function startPostgres(
  home: string,
  progress: (message: string) => void,
): Promise<PostgresServer> {
  return startPostgresServer(await programs(), { home, progress, connections: 300, sharedBuffers: '128MB' });
}

async function programs(): Promise<PostgresPrograms> {
  const folder = await findPostgres();
  if (folder === undefined) return embeddedPrograms();
  return { postgres: join(folder, 'postgres'), initdb: join(folder, 'initdb') };
}
