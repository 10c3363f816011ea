import type { Readable } from 'node:stream';
import type { ObjectKey } from './object-key.ts';
import type { StorageError } from './storage-error.ts';

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
  /** The driver's own notes, opaque to everybody else; null before the first byte. */
  readonly state: string | null;
}

export interface Appended {
  readonly offset: number;
  readonly state: string | null;
  /** What ended the source before its time; what arrived until then is stored and counted in `offset`. */
  readonly interrupted?: unknown;
}

export interface ReadOptions {
  /** First byte. */
  readonly start?: number;
  /** Last byte, included. */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

export interface DeleteResult {
  readonly gone: readonly ObjectKey[];
  readonly failed: readonly { readonly key: ObjectKey; readonly error: StorageError }[];
}

export interface DriverCapabilities {
  /** Whether commit may move an object to another key without copying it. */
  readonly renames: boolean;
  /** Below this many bytes a chunk is dear to the store; it is taken all the same. */
  readonly minimumChunk: number;
  readonly redirects: boolean;
}

/**
 * Where the bytes of blobs live. Every method is safe to call concurrently, in this process and in others on the same store. Failures are
 * StorageErrors. What a method has promised is durable when its promise resolves.
 */
export abstract class StorageDriver {
  abstract readonly name: string;
  abstract readonly capabilities: DriverCapabilities;

  /** @throws StorageError 'absent' */
  abstract stat(key: ObjectKey, options?: { readonly signal?: AbortSignal }): Promise<ObjectStat>;

  /**
   * The bytes of an object, or a part of them. Resolves once the object is open: that it is absent shows here, never in the stream.
   * Destroying the stream frees whatever it holds.
   * @throws StorageError 'absent'; 'invalid-range' when `start` lies beyond the end
   */
  abstract read(key: ObjectKey, options?: ReadOptions): Promise<Readable>;

  /** Writes a small object whole: readers see the old bytes or the new ones. */
  abstract put(key: ObjectKey, bytes: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>;

  /**
   * Stores bytes behind `upload.offset` and discards whatever lies beyond it. When the source fails, what arrived is kept and the failure
   * is told in `interrupted`. When the store fails the promise rejects, and the caller's `upload` is as good as before.
   * The caller sees to it that one upload has one writer.
   */
  abstract append(upload: Upload, source: AsyncIterable<Uint8Array>, options?: { readonly signal?: AbortSignal }): Promise<Appended>;

  /**
   * Makes exactly `upload.offset` bytes readable at `finalKey`. Doing it again changes nothing. Where the driver does not rename, `finalKey`
   * is `upload.key`.
   * @throws StorageError 'absent' when neither key has the bytes
   */
  abstract commit(upload: Upload, finalKey: ObjectKey): Promise<void>;

  /** Removes all that an upload left, by its key alone. Doing it again changes nothing. */
  abstract abort(key: ObjectKey): Promise<void>;

  /** Removes exactly these objects, and what unfinished uploads left under these keys. An absent object counts as gone. */
  abstract delete(keys: readonly ObjectKey[]): Promise<DeleteResult>;

  /** Objects whose keys begin with the prefix, in the order of their keys' bytes, behind `startAfter`. */
  abstract list(prefix: string, options?: { readonly startAfter?: string; readonly signal?: AbortSignal }): AsyncIterable<ObjectStat>;

  /** A URL at which a client finds the object itself; undefined where the store has none. */
  abstract redirect(key: ObjectKey, options: { readonly method: 'GET' | 'HEAD'; readonly expiresInSeconds: number }): Promise<string | undefined>;

  /** Resolves when the store can be read and written. @throws StorageError that says why not */
  abstract check(options?: { readonly signal?: AbortSignal }): Promise<void>;

  abstract close(): Promise<void>;
}
