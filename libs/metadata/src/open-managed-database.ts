import { type Database, type DatabaseConfig, openDatabase } from './database.ts';
import { type ClockLog, watchClock } from './clock-check.ts';
import { requireSchema, schemaState } from './schema-state.ts';

/** What a service lends to what it opens (libs/service-kit, ServiceContext). */
export interface DatabaseHost {
  readonly lifecycle: { onClose(name: string, close: () => Promise<void>): void };
  readonly readiness: { require(name: string, check: () => Promise<void>): void };
  readonly log: ClockLog;
}

/** The database of a service: closed with it, and without it the service is not ready. @throws DatabaseUnavailable, SchemaMismatch */
export async function openManagedDatabase(
  config: DatabaseConfig,
  { lifecycle, readiness, log }: DatabaseHost,
): Promise<Database> {
  const database = await openDatabase(config);
  lifecycle.onClose('database', () => database.close());
  requireSchema(await schemaState(database.db));
  readiness.require('postgres', () => database.check());
  const endClock = await watchClock(database.db, log);
  lifecycle.onClose('clock', async () => endClock());
  return database;
}
