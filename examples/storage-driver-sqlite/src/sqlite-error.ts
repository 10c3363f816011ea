import { StorageError, type StorageErrorKind } from '@longshore/storage';

export const driver = 'sqlite';

/** Maps SQLite's primary result codes (sqlite.org/rescode.html) to kinds of the Storage API; every other code is `unavailable`. */
const kinds: ReadonlyMap<number, StorageErrorKind> = new Map([
  [3, 'denied'], // SQLITE_PERM
  [5, 'throttled'], // SQLITE_BUSY: another process wrote for longer than busytimeout
  [6, 'throttled'], // SQLITE_LOCKED
  [8, 'denied'], // SQLITE_READONLY
  [11, 'corrupt'], // SQLITE_CORRUPT
  [13, 'full'], // SQLITE_FULL
  [14, 'denied'], // SQLITE_CANTOPEN
  [26, 'corrupt'], // SQLITE_NOTADB
]);

/** The low byte of a result code is the primary one. */
const primary = 0xff;

/** Runs one step on the database and translates its failure into a StorageError. */
export function atDatabase<T>(key: string | undefined, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (cause instanceof StorageError) throw cause;
    const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) : 0;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(kinds.get(code & primary) ?? 'unavailable', { driver, key, reason, cause });
  }
}

export function refusal(kind: StorageErrorKind, key: string | undefined, reason?: string): StorageError {
  return new StorageError(kind, { driver, key, reason });
}
