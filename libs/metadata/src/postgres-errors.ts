import { OciError } from '@longshore/oci';

/**
 * Postgres cannot be reached, or cannot answer now: no connection, a fail-over, a timeout. A COMMIT that ends in this error may or may not have
 * succeeded. Callers answer 503 UNAVAILABLE.
 */
export class DatabaseUnavailable extends OciError {
  override readonly name = 'DatabaseUnavailable';

  constructor(message: string, options: ErrorOptions = {}) {
    // The client learns that it may retry, but not why.
    const outage = { what: 'the database', why: message } as const;
    super('UNAVAILABLE', undefined, { ...options, headers: { 'retry-after': '2' }, outage });
    this.message = message;
  }
}

const networkCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // a missing Unix socket
]);

const stateCodes: ReadonlySet<string> = new Set([
  '25006', // read_only_sql_transaction: a standby, after a fail-over
  '25P03', // idle_in_transaction_session_timeout
  '53100', // disk_full
  '53300', // too_many_connections
  '55P03', // lock_not_available
  '57014', // query_canceled: statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
]);

/** node-postgres raises these without a code. */
const connectionMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed)/;

/** The SQLSTATE or the system's error code. */
function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true;
  if (error instanceof AggregateError) return error.errors.some((inner) => isUnavailable(inner));
  const code = errorCode(error);
  if (code !== undefined) return networkCodes.has(code) || stateCodes.has(code) || code.startsWith('08');
  return error instanceof Error && connectionMessages.test(error.message);
}

/** serialization_failure and deadlock_detected: the transaction changed nothing and may succeed when repeated. */
export function isRetryable(error: unknown): boolean {
  const code = errorCode(error);
  return code === '40001' || code === '40P01';
}

/** foreign_key_violation towards `repositories`: a collector deleted the empty repository after its id was read. */
export function isRepositoryGone(error: unknown): boolean {
  if (errorCode(error) !== '23503') return false;
  const constraint = typeof error === 'object' && error !== null && 'constraint' in error && error.constraint;
  return typeof constraint === 'string' && constraint.endsWith('_repository_id_fkey');
}

export function asDatabaseError(error: unknown): unknown {
  if (error instanceof DatabaseUnavailable || !isUnavailable(error)) return error;
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return new DatabaseUnavailable(`Postgres is unavailable: ${reason}`, { cause: error });
}
