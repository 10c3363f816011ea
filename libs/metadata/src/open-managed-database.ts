import { type Database, type DatabaseConfig, openDatabase } from './database.ts';
import { type ClockLog, watchClock } from './clock-check.ts';
import { requireSchema, schemaState } from './schema-state.ts';

/** The services that a host offers to whatever it opens (libs/service-kit, ServiceContext). */
export interface DatabaseHost {
  readonly lifecycle: { onClose(name: string, close: () => Promise<void>): void };
  readonly readiness: { require(name: string, check: () => Promise<void>): void };
  readonly log: ClockLog;
}

/**
 * Opens the database of a service. It closes with the service, and the service is not ready without it. @throws DatabaseUnavailable, SchemaMismatch
 */
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
