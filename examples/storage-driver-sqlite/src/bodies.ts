import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { bytesOf, integerOf } from './database.ts';
import { refusal } from './sqlite-error.ts';

/** Limit in bytes of one row, which a reader holds as a whole. */
export const rowBytes = 1024 * 1024;

/** The chunks of bodies. Every method is one step of the caller's transaction. */
export class Bodies {
  readonly #insert: StatementSync;
  readonly #insertOpen: StatementSync;
  readonly #cut: StatementSync;
  readonly #end: StatementSync;
  readonly #chunk: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT INTO chunks (body, at, bytes) VALUES (?, ?, ?)');
    this.#insertOpen = database.prepare(
      'INSERT INTO chunks (body, at, bytes) SELECT body, ?, ? FROM uploads WHERE body = ?',
    );
    this.#cut = database.prepare('DELETE FROM chunks WHERE body = ? AND at >= ?');
    this.#end = database.prepare(
      'SELECT at + length(bytes) AS past FROM chunks WHERE body = ? ORDER BY at DESC LIMIT 1',
    );
    this.#chunk = database.prepare(
      'SELECT at, bytes FROM chunks WHERE body = ? AND at <= ? ORDER BY at DESC LIMIT 1',
    );
  }

  /** Writes a whole body. @returns its id */
  write(bytes: Uint8Array): string {
    const body = randomUUID();
    for (const [at, row] of rowsOf(bytes)) this.#insert.run(body, at, row);
    return body;
  }

  /** Adds bytes to the body of an upload. @throws StorageError 'absent' if the upload was removed meanwhile: nobody would own the bytes */
  append(body: string, offset: number, bytes: Uint8Array): void {
    for (const [at, row] of rowsOf(bytes))
      if (this.#insertOpen.run(offset + at, row, body).changes === 0)
        throw refusal('absent', undefined, 'the upload was removed');
  }

  /**
   * Keeps exactly the first `offset` bytes. An append ends with its own row, so every acknowledged offset lies between rows.
   * @throws StorageError 'corrupt' if there are fewer
   */
  cut(body: string, offset: number, key: string): void {
    this.#cut.run(body, offset);
    const last = this.#end.get(body);
    const size = last === undefined ? 0 : integerOf(last, 'past');
    if (size !== offset) throw refusal('corrupt', key, `${size} bytes are there of ${offset}`);
  }

  remove(body: string): void {
    this.#cut.run(body, 0);
  }

  /** Returns the bytes from a position to the end of its row, or undefined if the body is gone. */
  from(body: string, position: number): Uint8Array | undefined {
    const found = this.#chunk.get(body, position);
    if (found === undefined) return undefined;
    const bytes = bytesOf(found, 'bytes').subarray(position - integerOf(found, 'at'));
    return bytes.byteLength === 0 ? undefined : bytes;
  }
}

function* rowsOf(bytes: Uint8Array): Generator<[number, Uint8Array]> {
  for (let at = 0; at < bytes.byteLength; at += rowBytes) yield [at, bytes.subarray(at, at + rowBytes)];
}
