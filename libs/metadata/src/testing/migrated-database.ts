import { connectDatabase, type Database, type DatabaseConfig } from '../database.ts';
import { administer, newDatabaseName, urlOfDatabase } from './template-database.ts';

export interface MigratedDatabase {
  readonly url: string;
  readonly database: Database;
  /** Opens another pool on the same database. `drop` closes it. */
  open(config?: Omit<DatabaseConfig, 'url'>): Promise<Database>;
  /** Closes every pool and drops the database. */
  drop(): Promise<void>;
}

/**
 * Creates a database for the caller alone, with the current schema. Needs the global setup `postgres.setup.ts`.
 *
 *     const postgres = await migratedDatabase();
 *     afterAll(() => postgres.drop());
 */
export async function migratedDatabase(config: Omit<DatabaseConfig, 'url'> = {}): Promise<MigratedDatabase> {
  const server = process.env['LONGSHORE_TEST_POSTGRES_URL'];
  const template = process.env['LONGSHORE_TEST_POSTGRES_TEMPLATE'];
  if (server === undefined || template === undefined) {
    throw new Error('no test Postgres: add libs/metadata/src/testing/postgres.setup.ts to globalSetup');
  }
  const name = newDatabaseName();
  await administer(server, [`create database ${name} template ${template}`]);
  const url = urlOfDatabase(server, name);
  const opened: Database[] = [];
  const open = async (more: Omit<DatabaseConfig, 'url'> = {}) => {
    const database = await connectDatabase({ poolSize: 4, applicationName: name, ...more, url });
    opened.push(database);
    return database;
  };
  const drop = async () => {
    await Promise.all(opened.map((database) => database.close()));
    await administer(server, [`drop database if exists ${name} with (force)`]);
  };
  return { url, database: await open(config), open, drop };
}
