import { series } from '@longshore/telemetry';
import { Kysely, PostgresDialect } from 'kysely';
import { Connections, type ConnectionsConfig } from './connections.ts';
import { Lookups } from './lookups/lookups.ts';
import type { Schema } from './schema.ts';
import type { Db } from './transact.ts';

export interface DatabaseConfig extends ConnectionsConfig {
  /** Connections for the batched look-ups of the hot path. Each runs one batch at a time. Default 2. */
  readonly lookupConnections?: number | undefined;
  /** Milliseconds until a look-up must have its answer, including the wait for a batch. Default 5,000. */
  readonly lookupTimeoutMs?: number | undefined;
}

/** The registry's Postgres: `db` serves protocol steps and pages, `lookups` serves the queries of every request. */
export class Database {
  readonly db: Db;
  readonly lookups: Lookups;
  readonly #lookupConnections: Connections;

  constructor(config: DatabaseConfig) {
    const steps = new Connections(config, 'steps');
    this.db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: steps }) });
    const { lookupConnections = 2, lookupTimeoutMs = 5_000 } = config;
    this.#lookupConnections = new Connections(
      {
        ...config,
        poolSize: lookupConnections,
        statementTimeoutMs: lookupTimeoutMs,
        answerTimeoutMs: lookupTimeoutMs,
        plannedOnce: true,
        beforeStatement: undefined,
      },
      'lookups',
    );
    const pools = { steps, lookups: this.#lookupConnections };
    config.metrics?.watchGauge(series.databaseConnections, (set) => {
      for (const [pool, { load }] of Object.entries(pools))
        for (const [state, count] of Object.entries(load)) set({ pool, state }, count);
    });
    this.lookups = new Lookups(this.#lookupConnections, {
      inFlight: lookupConnections,
      deadlineMs: lookupTimeoutMs,
    });
  }

  /** @throws DatabaseUnavailable when Postgres does not answer */
  async check(): Promise<void> {
    await this.#lookupConnections.rows('select 1', []);
  }

  async close(): Promise<void> {
    await Promise.all([this.db.destroy(), this.#lookupConnections.end()]);
  }
}

/**
 * Connects and checks that Postgres answers. Leaves the schema alone: `migrate` changes it, from a command of its own.
 *
 * @throws DatabaseUnavailable
 */
export async function connectDatabase(config: DatabaseConfig): Promise<Database> {
  const database = new Database(config);
  try {
    await database.check();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
