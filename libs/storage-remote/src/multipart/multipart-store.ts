import type { Readable } from 'node:stream';
import type { SignedPeriod } from '../signed-period.ts';

export interface StoredObject {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

export interface FoundObject {
  readonly size: number;
  readonly modifiedAt: Date;
  /** Without quotes. */
  readonly etag: string;
}

export interface OpenedObject {
  readonly body: Readable;
  /** Bytes of the whole object, not of the range. */
  readonly size: number;
  readonly etag: string;
}

export interface GetRange {
  readonly start?: number | undefined;
  /** Position of the last byte, inclusive. */
  readonly end?: number | undefined;
  /** Fail unless the object still has this ETag. */
  readonly etag?: string | undefined;
}

export interface UploadedPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
}

export interface OpenUpload {
  readonly name: string;
  readonly id: string;
  readonly startedAt: Date;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** The start of the next page; undefined on the last page. */
  readonly next?: string | undefined;
}

/**
 * The operations that S3 and similar services have in common. Each method is one request and one attempt. Names are complete, with the driver's root.
 * Failures are the client library's own or StorageErrors. The signal aborts the request.
 */
export interface MultipartStore {
  /** Minimum size in bytes of every part except the last. */
  readonly minimumPart: number;
  /** Whether `sign` makes URLs that a client can use without further headers. */
  readonly signs: boolean;

  head(name: string, signal?: AbortSignal): Promise<FoundObject>;
  /** @throws StorageError 'invalid-range' if the range begins at or after the object's end; 'corrupt' if the object has another ETag by now */
  get(name: string, range: GetRange, signal?: AbortSignal): Promise<OpenedObject>;
  /** @returns 'exists' if `onlyIfAbsent` is set and nothing was written: an object exists, or the store cannot check the condition */
  put(
    name: string,
    bytes: Uint8Array,
    options: { onlyIfAbsent: boolean },
    signal?: AbortSignal,
  ): Promise<{ etag: string } | 'exists'>;
  /** Deletes at most 1,000 names. @returns the names that could not be deleted, and why; an absent object is not a failure */
  delete(names: readonly string[]): Promise<readonly { name: string; error: unknown }[]>;
  /** Lists objects in the byte order of their names. */
  list(prefix: string, startAfter: string, signal?: AbortSignal): Promise<Page<StoredObject>>;

  begin(name: string, signal?: AbortSignal): Promise<string>;
  putPart(
    upload: { name: string; id: string; number: number },
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string>;
  /** @param behind the number of the last part of the page before; 0 for the first page. @throws an absent object's error if the upload is gone */
  parts(upload: { name: string; id: string }, behind: number): Promise<readonly UploadedPart[]>;
  complete(upload: { name: string; id: string }, parts: readonly UploadedPart[]): Promise<void>;
  /** Aborts an upload. An upload that is gone is not a failure. */
  abort(upload: { name: string; id: string }): Promise<void>;
  /**
   * Lists open uploads whose names begin with the prefix, by name. Each name with open uploads is listed at least once. @param from the `next` of the
   * page before
   */
  uploads(prefix: string, from?: string): Promise<Page<OpenUpload>>;

  /** Returns a URL that is valid for the period. */
  sign(name: string, options: { method: 'GET' | 'HEAD'; period: SignedPeriod }): Promise<string>;
  close(): void;
}
