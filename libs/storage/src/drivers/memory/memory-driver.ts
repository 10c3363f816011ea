import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { isObjectKey, type ObjectKey } from '../../object-key.ts';
import {
  type Appended,
  type CallOptions,
  type DeleteResult,
  type DriverCapabilities,
  type ListOptions,
  type ObjectStat,
  type ReadOptions,
  StorageDriver,
  type Upload,
} from '../../storage-driver.ts';
import { StorageError, type StorageErrorKind } from '../../storage-error.ts';
import { byteRange } from '../../for-drivers/byte-range.ts';
import { checkByProbe } from '../../for-drivers/check-by-probe.ts';
import { chunksBetween, StoredBytes } from './stored-bytes.ts';
import { takeChunks } from './take-chunks.ts';

export interface MemoryOptions {
  /**
   * - `memory`: an upload stays at its key; its bytes are readable before the commit
   * - `file`: they are readable too, and the commit renames them, as on a file system
   * - `object`: they are not readable before the commit, and the commit does not rename them, as in an object store
   */
  readonly like?: 'memory' | 'file' | 'object';
}

/** Keeps objects in this process's memory, for tests and trials. They are lost when the process ends. */
export class MemoryDriver extends StorageDriver {
  override readonly name = 'inmemory';
  override readonly capabilities: DriverCapabilities;
  readonly #objects = new Map<string, StoredBytes>();
  readonly #uploads: Map<string, StoredBytes>;

  constructor({ like = 'memory' }: MemoryOptions = {}) {
    super();
    this.capabilities = { renames: like === 'file', minimumChunk: 1, redirects: false };
    this.#uploads = like === 'object' ? new Map<string, StoredBytes>() : this.#objects;
  }

  override async stat(key: ObjectKey, { signal }: CallOptions = {}): Promise<ObjectStat> {
    await turn(undefined, { signal });
    return statOf(key, this.#object(key));
  }

  override async read(key: ObjectKey, { signal, ...range }: ReadOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    await turn();
    const { chunks, size } = this.#object(key);
    const within = byteRange(range, size, { driver: this.name, key });
    return Readable.from(chunksBetween(chunks, within), { objectMode: false, signal });
  }

  override async put(key: ObjectKey, bytes: Uint8Array, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await turn();
    this.#refuseNesting(key);
    this.#objects.set(key, new StoredBytes([Buffer.from(bytes)]));
  }

  override async append(
    { key, offset }: Upload,
    source: AsyncIterable<Uint8Array>,
    { signal }: CallOptions = {},
  ): Promise<Appended> {
    signal?.throwIfAborted();
    await turn();
    this.#refuseNesting(key);
    const kept = this.#acknowledged(key, offset);
    const { chunks, ...interruption } = await takeChunks(source, signal);
    const stored = new StoredBytes([...kept, ...chunks]);
    this.#uploads.set(key, stored);
    return { offset: stored.size, state: null, ...interruption };
  }

  override async commit({ key, offset }: Upload, finalKey: ObjectKey): Promise<void> {
    await turn();
    const committed = this.#objects.get(finalKey);
    if (!this.#uploads.has(key) && committed !== undefined) {
      if (committed.size !== offset) throw this.#error('corrupt', finalKey);
      return;
    }
    const stored = new StoredBytes(this.#acknowledged(key, offset));
    this.#refuseNesting(finalKey);
    this.#uploads.delete(key);
    this.#objects.set(finalKey, stored);
  }

  override async delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    await turn();
    const gone = [...new Set(keys)];
    for (const key of gone) {
      this.#objects.delete(key);
      this.#uploads.delete(key);
    }
    return { gone, failed: [] };
  }

  override async *list(
    prefix: string,
    { startAfter = '', signal }: ListOptions = {},
  ): AsyncGenerator<ObjectStat> {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix) && key > startAfter);
    for (const key of keys.toSorted()) {
      await turn();
      signal?.throwIfAborted();
      const stored = this.#objects.get(key);
      if (stored !== undefined && isObjectKey(key)) yield statOf(key, stored);
    }
  }

  override redirect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override check({ signal }: CallOptions = {}): Promise<void> {
    return checkByProbe(this, signal);
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  #object(key: ObjectKey): StoredBytes {
    const stored = this.#objects.get(key);
    if (stored === undefined) throw this.#error('absent', key);
    return stored;
  }

  /** Returns the first `offset` bytes of an upload. */
  #acknowledged(key: ObjectKey, offset: number): readonly Uint8Array[] {
    if (offset === 0) return [];
    const stored = this.#uploads.get(key);
    if (stored === undefined) throw this.#error('absent', key);
    if (stored.size < offset) throw this.#error('corrupt', key);
    return [...chunksBetween(stored.chunks, { start: 0, behind: offset })];
  }

  /** Refuses a key that is also a prefix of other keys: a file system cannot hold both, so no store may. */
  #refuseNesting(key: ObjectKey): void {
    for (const other of [...this.#objects.keys(), ...this.#uploads.keys()])
      if (isAbove(other, key) || isAbove(key, other)) throw this.#error('invalid-path', key);
  }

  #error(kind: StorageErrorKind, key: ObjectKey): StorageError {
    return new StorageError(kind, { driver: this.name, key });
  }
}

function statOf(key: ObjectKey, { size, modifiedAt }: StoredBytes): ObjectStat {
  return { key, size, modifiedAt };
}

function isAbove(key: string, other: string): boolean {
  return other.startsWith(`${key}/`);
}
