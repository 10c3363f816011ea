import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integerOf, type Row, textOf } from './database.ts';

export interface StoredObject {
  readonly key: string;
  readonly body: string;
  readonly size: number;
  readonly modifiedAt: Date;
}

/** Tells which bodies are objects and which are uploads. Every method is one step of the caller's transaction. */
export class Ledger {
  readonly #object: StatementSync;
  readonly #setObject: StatementSync;
  readonly #removeObject: StatementSync;
  readonly #objects: StatementSync;
  readonly #upload: StatementSync;
  readonly #addUpload: StatementSync;
  readonly #removeUpload: StatementSync;
  readonly #uploads: StatementSync;

  constructor(database: DatabaseSync) {
    this.#object = database.prepare('SELECT key, body, size, modified_at FROM objects WHERE key = ?');
    this.#setObject = database.prepare(
      'INSERT OR REPLACE INTO objects (key, body, size, modified_at) VALUES (?, ?, ?, ?)',
    );
    this.#removeObject = database.prepare('DELETE FROM objects WHERE key = ? RETURNING body');
    // Text is compared by bytes, the order that the contract requires.
    this.#objects = database.prepare(
      'SELECT key, body, size, modified_at FROM objects WHERE key > ? AND key >= ? ORDER BY key LIMIT ?',
    );
    this.#upload = database.prepare('SELECT body FROM uploads WHERE key = ?');
    this.#addUpload = database.prepare('INSERT INTO uploads (key, body, since) VALUES (?, ?, ?)');
    this.#removeUpload = database.prepare('DELETE FROM uploads WHERE key = ? RETURNING body');
    this.#uploads = database.prepare('SELECT key, since FROM uploads WHERE key > ? ORDER BY key LIMIT ?');
  }

  object(key: string): StoredObject | undefined {
    const row = this.#object.get(key);
    return row === undefined ? undefined : objectOf(row);
  }

  setObject(key: string, body: string, size: number): void {
    this.#setObject.run(key, body, size, Date.now());
  }

  /** @returns the body, which has no owner any more */
  removeObject(key: string): string | undefined {
    return ownedBy(this.#removeObject.get(key));
  }

  /** Returns objects with keys from `prefix` on, after `after`. The caller stops at the first key without the prefix. */
  objects(prefix: string, after: string, limit: number): StoredObject[] {
    return this.#objects.all(after, prefix, limit).map((row) => objectOf(row));
  }

  /** @returns the upload's body */
  upload(key: string): string | undefined {
    return ownedBy(this.#upload.get(key));
  }

  addUpload(key: string, body: string): void {
    this.#addUpload.run(key, body, Date.now());
  }

  /** @returns the body, which has no owner any more */
  removeUpload(key: string): string | undefined {
    return ownedBy(this.#removeUpload.get(key));
  }

  uploads(after: string, limit: number): { readonly key: string; readonly since: Date }[] {
    const found = this.#uploads.all(after, limit);
    return found.map((row) => ({ key: textOf(row, 'key'), since: new Date(integerOf(row, 'since')) }));
  }
}

function objectOf(row: Row): StoredObject {
  return {
    key: textOf(row, 'key'),
    body: textOf(row, 'body'),
    size: integerOf(row, 'size'),
    modifiedAt: new Date(integerOf(row, 'modified_at')),
  };
}

function ownedBy(row: Row | undefined): string | undefined {
  return row === undefined ? undefined : textOf(row, 'body');
}
