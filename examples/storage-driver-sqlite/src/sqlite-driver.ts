import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { DatabaseSync } from 'node:sqlite';
import {
  type Appended,
  byteRange,
  type ByteRange,
  type CallOptions,
  checkByProbe,
  type DeleteFailure,
  type DeleteResult,
  type Leftover,
  type ListOptions,
  objectKey,
  type ObjectKey,
  type ObjectStat,
  type ReadOptions,
  StorageDriver,
  StorageError,
  type Upload,
} from '@longshore/storage';
import { Bodies, rowBytes } from './bodies.ts';
import { openDatabase, transaction } from './database.ts';
import { Ledger, type StoredObject } from './ledger.ts';
import type { SqliteParameters } from './parameters.ts';
import { atDatabase, driver, refusal } from './sqlite-error.ts';
import { takeBatches } from './take-batches.ts';

/** Rows listed, or keys deleted, before other tasks run. SQLite is synchronous, so it blocks the event loop. */
const pageSize = 100;

/**
 * Stores blobs in one SQLite file, which processes of one machine may share. It does not rename: an upload is a row of its own table, invisible to
 * `stat`, `read` and `list` until its commit makes it an object under the same key. `leftovers` lists uploads that were never committed.
 */
export class SqliteDriver extends StorageDriver {
  override readonly name = driver;
  override readonly capabilities = { renames: false, minimumChunk: 1, redirects: false } as const;
  readonly #database: DatabaseSync;
  readonly #ledger: Ledger;
  readonly #bodies: Bodies;

  /** @throws StorageError if the file cannot be opened, or is not a file of this driver */
  constructor(parameters: SqliteParameters) {
    super();
    this.#database = atDatabase(parameters.path, () => openDatabase(parameters));
    this.#ledger = new Ledger(this.#database);
    this.#bodies = new Bodies(this.#database);
  }

  override async stat(key: ObjectKey): Promise<ObjectStat> {
    const { size, modifiedAt } = this.#object(key);
    return { key, size, modifiedAt };
  }

  override async read(key: ObjectKey, { signal, ...range }: ReadOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const { body, size } = this.#object(key);
    const within = byteRange(range, size, { driver, key });
    return Readable.from(this.#bytes(key, body, within), {
      objectMode: false,
      highWaterMark: rowBytes,
      signal,
    });
  }

  override async put(key: ObjectKey, bytes: Uint8Array, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#atomically(key, () => this.#setObject(key, this.#bodies.write(bytes), bytes.byteLength));
  }

  override async append(
    { key, offset }: Upload,
    source: AsyncIterable<Uint8Array>,
    { signal }: CallOptions = {},
  ): Promise<Appended> {
    signal?.throwIfAborted();
    const body = this.#atomically(key, () => this.#opened(key, offset));
    let at = offset;
    // Each batch is durable by itself. After a failure, the batches before it lie beyond the caller's offset, and the next append discards them.
    const interruption = await takeBatches(source, { atLeast: rowBytes, signal }, (bytes) => {
      this.#atomically(key, () => this.#bodies.append(body, at, bytes));
      at += bytes.byteLength;
    });
    return { offset: at, state: null, ...interruption };
  }

  override async commit({ key, offset }: Upload): Promise<void> {
    this.#atomically(key, () => {
      const body = this.#ledger.upload(key);
      if (body === undefined) return this.#settle(key, offset);
      this.#bodies.cut(body, offset, key);
      this.#ledger.removeUpload(key);
      this.#setObject(key, body, offset);
    });
  }

  override abort(key: ObjectKey): Promise<void> {
    return this.clear(key);
  }

  override async clear(key: ObjectKey): Promise<void> {
    this.#atomically(key, () => this.#drop(this.#ledger.removeUpload(key)));
  }

  override async delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    const gone: ObjectKey[] = [];
    const failed: DeleteFailure[] = [];
    const all = [...new Set(keys)];
    for (let at = 0; at < all.length; at += pageSize) {
      const page = all.slice(at, at + pageSize);
      const error = this.#failureOf(() => this.#remove(page));
      if (error === undefined) gone.push(...page);
      else failed.push(...page.map((key) => ({ key, error })));
      // Let other tasks run.
      await turn();
    }
    return { gone, failed };
  }

  override async *list(
    prefix: string,
    { startAfter = '', signal }: ListOptions = {},
  ): AsyncGenerator<ObjectStat> {
    for (let after = startAfter; ;) {
      signal?.throwIfAborted();
      const page = atDatabase(undefined, () => this.#ledger.objects(prefix, after, pageSize));
      for (const { key, size, modifiedAt } of page) {
        if (!key.startsWith(prefix)) return;
        yield { key: objectKey(key, driver), size, modifiedAt };
        after = key;
      }
      if (page.length < pageSize) return;
      // Let other tasks run.
      await turn();
    }
  }

  override async *leftovers({ signal }: CallOptions = {}): AsyncGenerator<Leftover> {
    for (let after = ''; ;) {
      signal?.throwIfAborted();
      const page = atDatabase(undefined, () => this.#ledger.uploads(after, pageSize));
      for (const { key, since } of page) {
        yield { key: objectKey(key, driver), since };
        after = key;
      }
      if (page.length < pageSize) return;
      // Let other tasks run.
      await turn();
    }
  }

  override async redirect(): Promise<undefined> {
    return undefined;
  }

  override check({ signal }: CallOptions = {}): Promise<void> {
    return checkByProbe(this, signal);
  }

  override async close(): Promise<void> {
    this.#database.close();
  }

  #atomically<T>(key: string | undefined, work: () => T): T {
    return atDatabase(key, () => transaction(this.#database, work));
  }

  #object(key: string): StoredObject {
    const found = atDatabase(key, () => this.#ledger.object(key));
    if (found === undefined) throw refusal('absent', key);
    return found;
  }

  async *#bytes(key: string, body: string, { start, behind }: ByteRange): AsyncGenerator<Uint8Array> {
    for (let at = start; at < behind;) {
      const position = at;
      const bytes = atDatabase(key, () => this.#bodies.from(body, position));
      if (bytes === undefined) throw refusal('absent', key, 'deleted or replaced while it was read');
      const wanted = bytes.subarray(0, behind - at);
      at += wanted.byteLength;
      yield wanted;
    }
  }

  /** Returns the body of an upload with exactly `offset` bytes; a new one before the first byte. */
  #opened(key: string, offset: number): string {
    const existing = this.#ledger.upload(key);
    if (offset > 0) {
      if (existing === undefined) throw refusal('absent', key, 'there is no such upload');
      this.#bodies.cut(existing, offset, key);
      return existing;
    }
    this.#drop(this.#ledger.removeUpload(key));
    const body = randomUUID();
    this.#ledger.addUpload(key, body);
    return body;
  }

  /** Handles a commit without an upload: it never had a byte, or was committed before. */
  #settle(key: string, offset: number): void {
    const committed = this.#ledger.object(key);
    if (committed === undefined && offset > 0) throw refusal('absent', key, 'there is no such upload');
    if (committed === undefined) this.#setObject(key, randomUUID(), 0);
    else if (committed.size !== offset)
      throw refusal('corrupt', key, `${committed.size} bytes were committed of ${offset}`);
  }

  #setObject(key: string, body: string, size: number): void {
    this.#drop(this.#ledger.removeObject(key));
    this.#ledger.setObject(key, body, size);
  }

  #remove(keys: readonly string[]): void {
    this.#atomically(undefined, () => {
      for (const key of keys) {
        this.#drop(this.#ledger.removeObject(key));
        this.#drop(this.#ledger.removeUpload(key));
      }
    });
  }

  #drop(body: string | undefined): void {
    if (body !== undefined) this.#bodies.remove(body);
  }

  #failureOf(work: () => void): StorageError | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      if (error instanceof StorageError) return error;
      throw error;
    }
  }
}
