import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import {
  Pool,
  types,
  type CustomTypesConfig,
  type PoolClient,
  type PoolConfig,
  type PoolOptions,
  type QueryResult,
} from 'pg';
import { type Metrics, series } from '@longshore/telemetry';
import { asDatabaseError, DatabaseUnavailable } from './postgres-errors.ts';
import { StatementNames } from './statement-names.ts';

export interface ConnectionsConfig {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Most connections in the pool. Default 10. */
  readonly poolSize?: number | undefined;
  /** Name in pg_stat_activity. Default `longshore`. */
  readonly applicationName?: string | undefined;
  /** Milliseconds to wait for a connection, a free one of the pool or a new one. Default 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds one statement may run, waits for locks included. Default 15,000. */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * Milliseconds until the client gives up on a statement, whatever the server does: a machine that hangs or is cut off cannot keep its own deadline.
   * Default: two seconds after `statementTimeoutMs`; no limit if that is 0.
   */
  readonly answerTimeoutMs?: number | undefined;
  /** Milliseconds a transaction may wait for its client. Default 10,000. */
  readonly idleInTransactionTimeoutMs?: number | undefined;
  /**
   * Plans each named statement once per connection, with a generic plan. For statements over arrays: Postgres may estimate that a custom plan for the
   * few elements at hand is cheaper, and would then plan every batch anew. Default false.
   */
  readonly plannedOnce?: boolean | undefined;
  /** Counts statements and connections, where it is given. */
  readonly metrics?: Metrics | undefined;
  /** Called and awaited before each statement. Race tests hold a connection here. */
  readonly beforeStatement?: ((statement: Statement) => Promise<void> | void) | undefined;
}

export interface Statement {
  readonly text: string;
  /** The backend's process id. */
  readonly connection: number;
}

/** A query with a constant text, which can therefore be named. Only the values differ between calls. */
interface NamedQuery {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly rowMode?: 'array';
}

const namedStatements = 500;

/** Parses int8 as a number: sizes, offsets and ids stay below 2^53. */
const parsers: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)),
};

/** Milliseconds that a healthy server needs to report that a statement took too long. */
const lateAnswer = 2_000;

function poolConfig(config: ConnectionsConfig): PoolConfig {
  const statementTimeout = config.statementTimeoutMs ?? 15_000;
  return {
    connectionString: config.url,
    max: config.poolSize ?? 10,
    application_name: config.applicationName ?? 'longshore',
    connectionTimeoutMillis: config.connectTimeoutMs ?? 5_000,
    statement_timeout: statementTimeout,
    query_timeout: config.answerTimeoutMs ?? (statementTimeout === 0 ? 0 : statementTimeout + lateAnswer),
    idle_in_transaction_session_timeout: config.idleInTransactionTimeoutMs ?? 10_000,
    keepAlive: true,
    ...(config.plannedOnce === true && { options: '-c plan_cache_mode=force_generic_plan' }),
    types: parsers,
  };
}

/**
 * A pool of connections that names prepared statements, which Kysely does not do. It distinguishes failures of the connection (`DatabaseUnavailable`)
 * from errors of the statement.
 */
export class Connections implements PostgresPool {
  readonly #pool: Pool;
  readonly #names = new StatementNames(namedStatements);
  /** Records a statement at its end. `began` is its start, by `performance.now()`. */
  readonly #times: (outcome: string, began: number) => void;
  readonly #beforeStatement: ConnectionsConfig['beforeStatement'];
  readonly #clients = new WeakMap<PoolClient, PostgresPoolClient>();
  /** Connections that failed. They are not reused, although their sockets may look open for a moment. */
  readonly #broken = new WeakSet<PoolClient>();

  /** @param pool its label in the series */
  constructor(config: ConnectionsConfig, pool: 'steps' | 'lookups' = 'steps') {
    this.#pool = new Pool(poolConfig(config));
    this.#beforeStatement = config.beforeStatement;
    const times = config.metrics?.histogram(series.databaseQueries);
    this.#times = (outcome, began) => times?.observe({ pool, outcome }, (performance.now() - began) / 1000);
    // The pool replaces a broken idle connection at its next use, and that use reports the failure.
    this.#pool.on('error', () => undefined);
  }

  /** Kysely creates its control connections from these options. */
  get options(): PoolOptions {
    return this.#pool.options;
  }

  get load(): { readonly busy: number; readonly idle: number; readonly waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#acquire();
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    const named = new NamedClient(
      client,
      (query) => this.#run(client, query),
      (destroy) => client.release(destroy || this.#broken.has(client)),
    );
    this.#clients.set(client, named);
    return named;
  }

  /** Runs one prepared query on any connection and returns the rows as arrays. */
  async rows(text: string, values: readonly unknown[]): Promise<unknown[][]> {
    const client = await this.#acquire();
    try {
      const result = await this.#run(client, { text, values, rowMode: 'array' });
      const rows: unknown[][] = result.rows;
      return rows;
    } finally {
      client.release(this.#broken.has(client));
    }
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  async #acquire(): Promise<PoolClient> {
    try {
      const client = await this.#pool.connect();
      // A connection that breaks while it is borrowed also emits `error`. The current statement, or the next one, rejects.
      if (client.listenerCount('error') === 0) client.on('error', () => undefined);
      return client;
    } catch (error) {
      throw asDatabaseError(error);
    }
  }

  async #run(client: PoolClient, query: NamedQuery): Promise<QueryResult<never>> {
    // On a connection that hangs, the ROLLBACK would wait for another timeout. The transaction ends with the connection instead.
    if (this.#broken.has(client))
      throw new DatabaseUnavailable('Postgres is unavailable: the connection has failed');
    if (this.#beforeStatement !== undefined) {
      await this.#beforeStatement({ text: query.text, connection: processIdOf(client) });
    }
    const name = query.values.length === 0 ? undefined : this.#names.of(query.text);
    const began = performance.now();
    try {
      const result = await client.query<never>({
        ...query,
        values: [...query.values],
        ...(name !== undefined && { name }),
      });
      this.#times('ok', began);
      return result;
    } catch (error) {
      const known = asDatabaseError(error);
      const outcome = known instanceof DatabaseUnavailable ? 'unavailable' : 'failed';
      this.#times(outcome, began);
      if (known instanceof DatabaseUnavailable) this.#broken.add(client);
      throw known;
    }
  }
}

/** The connection that Kysely sees: each query passes through `run`. */
class NamedClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #run: (query: NamedQuery) => Promise<QueryResult<never>>;
  readonly release: (destroy?: boolean) => void;

  constructor(
    client: PoolClient,
    run: (query: NamedQuery) => Promise<QueryResult<never>>,
    release: (destroy: boolean) => void,
  ) {
    this.#client = client;
    this.#run = run;
    this.release = (destroy) => release(destroy ?? false);
  }

  get processID(): number {
    return processIdOf(this.#client);
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    text: string | PostgresCursor<R>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== 'string') throw new TypeError('cursors are not supported');
    return this.#ask<R>({ text, values });
  }

  async #ask<R>(query: NamedQuery): Promise<PostgresQueryResult<R>> {
    const { command, rowCount, rows } = await this.#run(query);
    return { command: isKnownCommand(command) ? command : 'SELECT', rowCount: rowCount ?? 0, rows };
  }
}

type Command = PostgresQueryResult<unknown>['command'];

/** Tells whether Kysely knows the command: it counts the rows of these, and detects a COMMIT that rolled back. */
function isKnownCommand(command: string): command is Command {
  return ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COMMIT', 'ROLLBACK'].includes(command);
}

function processIdOf(client: PoolClient): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0;
}
