import { Pool } from 'pg';
import type { Database } from '../../database.ts';
import type { MigratedDatabase } from '../../testing/migrated-database.ts';
import type { Random } from './random.ts';

export interface CrashingDatabase {
  readonly database: Database;
  /** Connections killed so far. */
  crashes(): number;
  close(): Promise<void>;
}

/**
 * Opens a pool whose backends are killed now and then just before a statement. The transaction is rolled back, as if the process or Postgres had died
 * there.
 */
export async function openCrashingDatabase(
  postgres: MigratedDatabase,
  random: Random,
  probability: number,
): Promise<CrashingDatabase> {
  const killer = new Pool({ connectionString: postgres.url, max: 2 });
  let crashes = 0;
  const database = await postgres.open({
    poolSize: 4,
    lookupConnections: 1,
    beforeStatement: async ({ connection }) => {
      if (!random.chance(probability)) return;
      crashes += 1;
      await killer.query('select pg_terminate_backend($1, 5000)', [connection]);
    },
  });
  return { database, crashes: () => crashes, close: () => killer.end() };
}
