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

/** An upload as the caller remembers it between requests: any process may go on from here. */
export interface Upload {
  readonly key: ObjectKey;
  /** Bytes that are durable. */
  readonly offset: number;
  /**
   * The driver's own notes, opaque to everybody else and valid with this `offset` only; null before the first byte. At most 16 KiB: what a
   * driver must remember beyond that (part lists, a tail that is too small for a part) it keeps in the store, under this key.
   */
  readonly state: string | null;
}

export interface Appended {
  readonly offset: number;
  readonly state: string | null;
  /** What ended the source before its time; what arrived until then is stored and counted in `offset`. Never undefined then. */
  readonly interrupted?: unknown;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions extends CallOptions {
  /** First byte. */
  readonly start?: number | undefined;
  /** Last byte, included. */
  readonly end?: number | undefined;
}

export interface ListOptions extends CallOptions {
  readonly startAfter?: string | undefined;
}

export interface RedirectOptions extends CallOptions {
  readonly method: 'GET' | 'HEAD';
  /** How long the URL is good for at least, whenever it was made. */
  readonly expiresInSeconds: number;
  /** The address of the client that will follow it, where it is known. */
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

/** What the store keeps of an upload beside an object at its key: parts, segments, side objects. */
export interface Leftover {
  readonly key: ObjectKey;
  readonly since: Date;
}

export interface DriverCapabilities {
  /**
   * Whether `commit` moves an object to another key without copying it. On such a driver the bytes of an open upload can be read at its key;
   * elsewhere they may be unreadable, and unlisted, until `commit`.
   */
  readonly renames: boolean;
  /** Below this many bytes a chunk is dear to the store; it is taken all the same. */
  readonly minimumChunk: number;
  readonly redirects: boolean;
}

/**
 * Where the bytes of blobs live. `describeStorageDriver` (`@longshore/storage/testing`) executes this prose on every driver.
 *
 * - Every method may be called concurrently, in this process and in others on the same store.
 * - What a method has promised is durable, and seen by every process, when its promise resolves.
 * - Failures are StorageErrors that carry the driver's name. A call whose signal is aborted rejects with the signal's reason instead, and
 *   does not touch the store any more from then on.
 * - Memory is constant for each call, whatever the object's size, and a source is only read as fast as the store takes its bytes.
 * - A key is an object or a prefix of others, never both.
 */
export abstract class StorageDriver {
  /** By this a registry knows a driver that another copy of this package made. */
  get [storageApiKey](): number {
    return storageApi;
  }

  /** As in the configuration and in metrics. */
  abstract readonly name: string;
  abstract readonly capabilities: DriverCapabilities;

  /** @throws StorageError 'absent', also for a mere prefix of keys */
  abstract stat(key: ObjectKey, options?: CallOptions): Promise<ObjectStat>;

  /**
   * The bytes of an object, or a part of them; an `end` beyond the object's is cut. Resolves once the object is open: that it is absent or
   * denied shows here, never in the stream. The stream fails when the store does, and when the signal is aborted; it never ends short.
   * Destroying it, at any point, frees all it holds. An object that is deleted or replaced meanwhile never mixes old bytes with new ones.
   * @throws StorageError 'absent'; 'invalid-range' when `start` lies beyond the end (at the end, there are no bytes), or the range is none
   */
  abstract read(key: ObjectKey, options?: ReadOptions): Promise<Readable>;

  /** Writes a small object whole, over an older one if there is one: readers see all of the old bytes or all of the new ones. */
  abstract put(key: ObjectKey, bytes: Uint8Array, options?: CallOptions): Promise<void>;

  /**
   * Stores the source's bytes behind `upload.offset` and discards whatever lies beyond it (what an append left that was never
   * acknowledged). The source may be empty, and its chunks of any size; it must not reuse their memory, unless it is a LendingSource and the
   * driver gave a chunk back.
   *
   * When the source fails, what arrived is kept and the failure is told in `interrupted`. When the store fails, or the signal is aborted, the
   * promise rejects and the caller's `upload` is as good as before; the source is told to stop (`return()`). When the store failed, the driver
   * removes at once what it wrote, as far as the store lets it: a push that fills a store must not keep it full.
   *
   * One upload has one writer at a time: the caller sees to it.
   * @throws StorageError 'absent' when there is nothing at the key of an `upload` with bytes; 'corrupt' when there is less than `upload.offset`
   */
  abstract append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Promise<Appended>;

  /**
   * Makes exactly `upload.offset` bytes, zero included, readable at `finalKey`, without copying them. Where the driver does not rename,
   * `finalKey` must be `upload.key`. Doing it again, after a crash or a lost answer, changes nothing and promises the same.
   * @throws StorageError 'absent' when neither key has the bytes; 'corrupt' when there are fewer than `upload.offset`
   */
  abstract commit(upload: Upload, finalKey: ObjectKey): Promise<void>;

  /** Removes all that an open upload left, by its key alone: its bytes, parts, side objects. Doing it again changes nothing. */
  async abort(key: ObjectKey): Promise<void> {
    const { failed } = await this.delete([key]);
    if (failed[0] !== undefined) throw failed[0].error;
  }

  /**
   * Removes exactly these objects (`a` is not a prefix of what goes), and what open uploads left under these very keys. Any number of keys;
   * an absent object counts as gone. Each key is told of once: one that fails does not keep the others.
   */
  abstract delete(keys: readonly ObjectKey[]): Promise<DeleteResult>;

  /**
   * Objects whose keys begin with the prefix (any text, `''` for all), in the order of their keys' bytes, behind `startAfter`. Objects that
   * are there throughout are listed exactly once; ones that come or go meanwhile may be listed or not.
   */
  abstract list(prefix: string, options?: ListOptions): AsyncIterable<ObjectStat>;

  /**
   * What uploads have in the store beside objects, of open ones too, a key perhaps several times: whoever knows the open uploads can tell what is
   * orphaned. None on a driver that keeps uploads as objects only.
   */
  async *leftovers(_options?: CallOptions): AsyncIterable<Leftover> {
    // None, unless a driver says so.
  }

  /** Removes what `leftovers` tells of this key, and not the object at it. Doing it again changes nothing. */
  clear(_key: ObjectKey): Promise<void> {
    return Promise.resolve();
  }

  /** A URL at which a client finds the object itself; undefined where the store has none. */
  abstract redirect(key: ObjectKey, options: RedirectOptions): Promise<string | undefined>;

  /** Resolves when objects can be written, read and deleted; leaves nothing behind. @throws StorageError that says why not */
  abstract check(options?: CallOptions): Promise<void>;

  /** What is left of the store; undefined where that cannot be told, as of most object stores. */
  space(_options?: CallOptions): Promise<StoreSpace | undefined> {
    return Promise.resolve(undefined);
  }

  /** Frees connections and timers. Nothing is called after it. */
  abstract close(): Promise<void>;
}
