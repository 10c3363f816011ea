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
import { asDatabaseError, DatabaseUnavailable } from './postgres-errors.ts';
import { StatementNames } from './statement-names.ts';

export interface ConnectionsConfig {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Connections, at most. Default 10. */
  readonly poolSize?: number | undefined;
  /** Shown in pg_stat_activity. Default `longshore`. */
  readonly applicationName?: string | undefined;
  /** Milliseconds to wait for a connection, a free one of the pool or a new one. Default 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds one statement may run, waits for locks included. Default 15,000. */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * Milliseconds after which nobody waits for the answer to a statement, whatever the server does: a machine that hangs or is cut off keeps no
   * deadline of its own. Default: two seconds after `statementTimeoutMs`; none where that is 0.
   */
  readonly answerTimeoutMs?: number | undefined;
  /** Milliseconds a transaction may wait for its client. Default 10,000. */
  readonly idleInTransactionTimeoutMs?: number | undefined;
  /** Named prepared statements; switch off behind a pooler that cannot keep them. Default true. */
  readonly preparedStatements?: boolean | undefined;
  /**
   * Each named statement is planned once per connection, not for its values: for statements over arrays, where Postgres may find a plan for these few
   * elements cheaper than one for any, and then plans every batch anew. Default false.
   */
  readonly plannedOnce?: boolean | undefined;
  /** Called, and awaited, before each statement: race tests hold a connection here. */
  readonly beforeStatement?: ((statement: Statement) => Promise<void> | void) | undefined;
}

export interface Statement {
  readonly text: string;
  /** The backend's process id. */
  readonly connection: number;
}

/** What differs from one query to the next is in the values; the text is constant, so it can be named. */
interface NamedQuery {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly rowMode?: 'array';
}

const namedStatements = 500;

/** int8 as a number: sizes, offsets and ids stay below 2^53. */
const parsers: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)),
};

/** What a server that is well needs to say that a statement took too long. Milliseconds. */
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
 * A pool of connections that names prepared statements, which Kysely does not, and tells failures of the
 * connection (`DatabaseUnavailable`) from errors of the statement.
 */
export class Connections implements PostgresPool {
  readonly #pool: Pool;
  readonly #names: StatementNames | undefined;
  readonly #beforeStatement: ConnectionsConfig['beforeStatement'];
  readonly #clients = new WeakMap<PoolClient, PostgresPoolClient>();
  /** Connections that failed: not given to anybody again, though their socket may look open for a moment. */
  readonly #broken = new WeakSet<PoolClient>();

  constructor(config: ConnectionsConfig) {
    this.#pool = new Pool(poolConfig(config));
    this.#names = (config.preparedStatements ?? true) ? new StatementNames(namedStatements) : undefined;
    this.#beforeStatement = config.beforeStatement;
    // An idle connection that breaks is replaced at the next use, which then says what is wrong.
    this.#pool.on('error', () => undefined);
  }

  /** Kysely makes its control connections from these. */
  get options(): PoolOptions {
    return this.#pool.options;
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

  /** One prepared query on any connection, rows as arrays. */
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
      // A connection that breaks while it is borrowed emits this too; the statement under way, or the next, rejects.
      if (client.listenerCount('error') === 0) client.on('error', () => undefined);
      return client;
    } catch (error) {
      throw asDatabaseError(error);
    }
  }

  async #run(client: PoolClient, query: NamedQuery): Promise<QueryResult<never>> {
    // The ROLLBACK of a transaction whose connection hangs would wait as long again; it ends with the connection.
    if (this.#broken.has(client))
      throw new DatabaseUnavailable('Postgres is unavailable: the connection has failed');
    if (this.#beforeStatement !== undefined) {
      await this.#beforeStatement({ text: query.text, connection: processIdOf(client) });
    }
    const name = query.values.length === 0 ? undefined : this.#names?.of(query.text);
    try {
      return await client.query<never>({
        ...query,
        values: [...query.values],
        ...(name !== undefined && { name }),
      });
    } catch (error) {
      const known = asDatabaseError(error);
      if (known instanceof DatabaseUnavailable) this.#broken.add(client);
      throw known;
    }
  }
}

/** What Kysely sees of a connection: each of its queries passes through `run`. */
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

/** Those that mean something to Kysely: it counts their rows, or sees that a COMMIT rolled back. */
function isKnownCommand(command: string): command is Command {
  return ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COMMIT', 'ROLLBACK'].includes(command);
}

function processIdOf(client: PoolClient): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0;
}
