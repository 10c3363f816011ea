import type { Readable } from 'node:stream';
import { storageApi, storageApiKey } from './driver-api.ts';
import type { ObjectKey } from './object-key.ts';
import type { StorageError } from './storage-error.ts';
import type { StoreSpace } from './store-space.ts';

export interface ObjectStat {
  readonly key: ObjectKey;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** An upload as the caller remembers it between requests. Any process may continue it. */
export interface Upload {
  readonly key: ObjectKey;
  /** Number of durable bytes. */
  readonly offset: number;
  /**
   * The driver's own state, opaque to everybody else and valid only with this `offset`. Null before the first byte. At most 16 KiB: a driver keeps
   * more than that (part lists, a tail too small for a part) in the store under this key.
   */
  readonly state: string | null;
}

export interface Appended {
  readonly offset: number;
  readonly state: string | null;
  /** The failure of the source, never undefined in that case. The bytes before it are stored and counted in `offset`. */
  readonly interrupted?: unknown;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions extends CallOptions {
  /** Position of the first byte. */
  readonly start?: number | undefined;
  /** Position of the last byte, inclusive. */
  readonly end?: number | undefined;
}

export interface ListOptions extends CallOptions {
  readonly startAfter?: string | undefined;
}

export interface RedirectOptions extends CallOptions {
  readonly method: 'GET' | 'HEAD';
  /** Seconds for which the URL is valid at least, counted from the call. */
  readonly expiresInSeconds: number;
  /** The address of the client that will follow the URL, if known. */
  readonly clientAddress?: string | undefined;
}

export interface DeleteFailure {
  readonly key: ObjectKey;
  readonly error: StorageError;
}

export interface DeleteResult {
  readonly gone: readonly ObjectKey[];
  readonly failed: readonly DeleteFailure[];
}

/** Data of an upload that the store keeps beside an object at its key: parts, segments, side objects. */
export interface Leftover {
  readonly key: ObjectKey;
  readonly since: Date;
}

export interface DriverCapabilities {
  /**
   * Whether `commit` moves an object to another key without copying it. On such a driver the bytes of an open upload are readable at its key. On
   * others they may be neither readable nor listed until `commit`.
   */
  readonly renames: boolean;
  /** Bytes below which a chunk is expensive for the store. Smaller chunks are accepted. */
  readonly minimumChunk: number;
  readonly redirects: boolean;
}

/**
 * Stores the bytes of blobs. `describeStorageDriver` (`@longshore/storage/testing`) tests these rules on every driver.
 *
 * - Every method may be called concurrently, in this process and in others on the same store.
 * - When a promise resolves, its effect is durable and visible to every process.
 * - Failures are StorageErrors with the driver's name. A call whose signal is aborted rejects with the signal's reason instead, and does not touch
 *   the store any more.
 * - Each call uses constant memory, whatever the object's size. A source is read only as fast as the store takes its bytes.
 * - A key is an object or a prefix of others, never both.
 */
export abstract class StorageDriver {
  /** Identifies a driver that another copy of this package made. */
  get [storageApiKey](): number {
    return storageApi;
  }

  /** The name of the driver in the configuration and in metrics. */
  abstract readonly name: string;
  abstract readonly capabilities: DriverCapabilities;

  /** Returns the size and time of an object. @throws StorageError 'absent', also for a mere prefix of keys */
  abstract stat(key: ObjectKey, options?: CallOptions): Promise<ObjectStat>;

  /**
   * Reads an object, or a range of it; an `end` beyond the object's is cut. Resolves once the object is open: an object that is absent or denied
   * rejects here and never fails in the stream. The stream fails when the store fails or the signal is aborted; it never ends short. Destroying it at
   * any point frees everything it holds. An object that is deleted or replaced meanwhile never mixes old bytes with new ones.
   * @throws StorageError 'absent'; 'invalid-range' if `start` lies beyond the end or the range is malformed. A `start` at the end gives no bytes.
   */
  abstract read(key: ObjectKey, options?: ReadOptions): Promise<Readable>;

  /** Writes a small object whole and replaces an older one. Readers see either all old bytes or all new ones. */
  abstract put(key: ObjectKey, bytes: Uint8Array, options?: CallOptions): Promise<void>;

  /**
   * Stores the source's bytes after `upload.offset` and discards unacknowledged bytes of earlier appends beyond it. The source may be empty, and its
   * chunks may have any size. It must not reuse their memory, unless it is a LendingSource and the driver gave the chunk back.
   *
   * If the source fails, the bytes that arrived are kept and `interrupted` holds the failure. If the store fails or the signal is aborted, the
   * promise rejects, the caller's `upload` remains valid, and the source is told to stop (`return()`). If the store failed, the driver also removes
   * at once the bytes it wrote, as far as the store permits: a push that fills a store must not keep it full.
   *
   * An upload has one writer at a time; the caller guarantees it.
   * @throws StorageError 'absent' if nothing is at the key of an `upload` with bytes; 'corrupt' if there are fewer bytes than `upload.offset`
   */
  abstract append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Promise<Appended>;

  /**
   * Makes exactly `upload.offset` bytes (possibly zero) readable at `finalKey` without copying them. Where the driver does not rename, `finalKey`
   * must be `upload.key`. Idempotent: a repeated call, after a crash or a lost answer, changes nothing and gives the same promise.
   * @throws StorageError 'absent' if neither key has the bytes; 'corrupt' if there are fewer than `upload.offset`
   */
  abstract commit(upload: Upload, finalKey: ObjectKey): Promise<void>;

  /** Removes everything that an open upload left, given only its key: bytes, parts, side objects. Idempotent. */
  async abort(key: ObjectKey): Promise<void> {
    const { failed } = await this.delete([key]);
    if (failed[0] !== undefined) throw failed[0].error;
  }

  /**
   * Removes exactly these objects, and the data of open uploads under exactly these keys; `a` is not taken as a prefix. Takes any number of keys. An
   * absent object counts as gone. Each key has its own result: a failure of one does not affect the others.
   */
  abstract delete(keys: readonly ObjectKey[]): Promise<DeleteResult>;

  /**
   * Lists objects whose keys begin with the prefix (any text; `''` for all), in the byte order of their keys, after `startAfter`. An object that
   * exists throughout is listed exactly once. An object that is created or deleted meanwhile may be listed or not.
   */
  abstract list(prefix: string, options?: ListOptions): AsyncIterable<ObjectStat>;

  /**
   * Lists parts and side objects of uploads, open ones included. A key may repeat. The caller decides which are orphaned. A driver that keeps uploads
   * only as objects lists none.
   */
  async *leftovers(_options?: CallOptions): AsyncIterable<Leftover> {
    // None by default.
  }

  /** Removes what `leftovers` lists under this key, but not the object at the key. Idempotent. */
  clear(_key: ObjectKey): Promise<void> {
    return Promise.resolve();
  }

  /** Returns a URL at which a client can get the object itself, or undefined if the store has none. */
  abstract redirect(key: ObjectKey, options: RedirectOptions): Promise<string | undefined>;

  /** Resolves if objects can be written, read and deleted. Leaves nothing in the store. @throws StorageError with the reason */
  abstract check(options?: CallOptions): Promise<void>;

  /** Returns the free space of the store, or undefined if the store does not tell, like most object stores. */
  space(_options?: CallOptions): Promise<StoreSpace | undefined> {
    return Promise.resolve(undefined);
  }

  /** Frees connections and timers. No method is called after it. */
  abstract close(): Promise<void>;
}
