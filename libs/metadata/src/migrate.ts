import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Connections } from './connections.ts';
import { migrations } from './migrations/index.ts';
import { refuseNewerSchema, schemaState } from './schema-state.ts';

export interface MigrateOptions {
  /** Milliseconds that one statement of a migration may run. Default 0: no limit. */
  readonly statementTimeoutMs?: number;
}

/**
 * Brings the schema up to date. Returns the names of the migrations that it ran. Replicas may call it concurrently: Kysely's lock lets one of them
 * work and makes the others wait.
 *
 * @throws DatabaseUnavailable; SchemaMismatch; Error if the database's encoding is not UTF-8, or if a migration fails (then
 *   it is rolled back completely)
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
  const connections = new Connections({
    url,
    poolSize: 2,
    applicationName: 'longshore-migrate',
    statementTimeoutMs: options.statementTimeoutMs ?? 0,
    idleInTransactionTimeoutMs: 0,
  });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: connections }) });
  try {
    await refuseOtherEncodings(db);
    const state = await schemaState(db);
    refuseNewerSchema(state);
    // A newer version has migrated this database. Everything for this version is done, and Kysely would report the rest as corrupt.
    if (state.unknown.length > 0) return [];
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
    const { error, results } = await migrator.migrateToLatest();
    if (error !== undefined)
      throw error instanceof Error ? error : new Error('a migration failed', { cause: error });
    return (results ?? []).map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

async function refuseOtherEncodings(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{
    encoding: string;
  }>`select current_setting('server_encoding') as encoding`.execute(db);
  const encoding = rows[0]?.encoding;
  if (encoding !== 'UTF8') throw new Error(`the database's encoding is ${encoding}; Longshore needs UTF8`);
}
