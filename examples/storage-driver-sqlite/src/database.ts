import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { SqliteParameters } from './parameters.ts';
import { refusal } from './sqlite-error.ts';

/** Version of the layout below, kept in the file's `user_version`, which is 0 in a new file. */
const layoutVersion = 1;

/**
 * A body is a sequence of chunks with one owner: an upload, then from its commit on an object. A commit therefore moves one row, whatever the number
 * of bytes. Ids of bodies are never reused: a reader whose object is replaced finds nothing rather than other bytes.
 */
const layout = `
  CREATE TABLE objects (key TEXT PRIMARY KEY, body TEXT NOT NULL, size INTEGER NOT NULL, modified_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE uploads (key TEXT PRIMARY KEY, body TEXT NOT NULL UNIQUE, since INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE chunks (body TEXT NOT NULL, at INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (body, at));
  PRAGMA user_version = ${layoutVersion};
`;

/** Opens the file, or creates it. With `synchronous = FULL` a committed transaction is on the disk, as the contract requires. */
export function openDatabase({ path, busytimeout }: SqliteParameters): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busytimeout });
  try {
    database.exec('PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    transaction(database, () => settleLayout(database));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function settleLayout(database: DatabaseSync): void {
  const version = integerOf(database.prepare('PRAGMA user_version').get(), 'user_version');
  if (version === 0) database.exec(layout);
  else if (version !== layoutVersion)
    throw refusal('denied', undefined, `the database has version ${version}, not ${layoutVersion}`);
}

/** Runs the work as one transaction: all of it takes effect, or nothing. The work is synchronous, so transactions of one connection never mix. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const answer = work();
    database.exec('COMMIT');
    return answer;
  } catch (error) {
    // SQLite may have rolled back by itself, for example if the disk is full.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function textOf(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== 'string') throw refusal('corrupt', undefined, `${column} is no text`);
  return value;
}

export function integerOf(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== 'number') throw refusal('corrupt', undefined, `${column} is no number`);
  return value;
}

export function bytesOf(row: Row | undefined, column: string): Uint8Array {
  const value = row?.[column];
  if (!(value instanceof Uint8Array)) throw refusal('corrupt', undefined, `${column} holds no bytes`);
  return value;
}
