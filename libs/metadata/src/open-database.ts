import type { ServiceContext } from '@longshore/service-kit';
import { watchClock } from './clock-check.ts';
import { connectDatabase, type Database } from './database.ts';
import { databaseUrl } from './database-url.ts';
import { requireSchema, schemaState } from './schema-state.ts';

/**
 * Opens the database of a service: closed with it, and without it the service is not ready.
 * @param url instead of what `postgres` says
 * @throws DatabaseUnavailable; SchemaMismatch; Error when no database is configured
 */
export async function openDatabase(
  { config, lifecycle, readiness, log, metrics }: Omit<ServiceContext, 'name'>,
  url = databaseUrl(config.postgres),
): Promise<Database> {
  const database = await connectDatabase({ url, poolSize: config.postgres?.pool, metrics });
  lifecycle.onClose('database', () => database.close());
  requireSchema(await schemaState(database.db));
  readiness.require('postgres', () => database.check());
  const endClock = await watchClock(database.db, log);
  lifecycle.onClose('clock', async () => endClock());
  return database;
}
