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
  /** Of the whole object, not of the range. */
  readonly size: number;
  readonly etag: string;
}

export interface GetRange {
  readonly start?: number | undefined;
  /** Included. */
  readonly end?: number | undefined;
  /** Fail unless the object still has this one. */
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
  /** Where the next page begins; undefined on the last one. */
  readonly next?: string | undefined;
}

/**
 * What S3 and the services that grew up beside it have in common. Each method is one request and one attempt; names are complete (with the
 * driver's root); failures are the client library's own, or StorageErrors. The signal cuts the request.
 */
export interface MultipartStore {
  /** Parts other than the last one are at least so large. Bytes. */
  readonly minimumPart: number;
  /** Whether `sign` makes URLs that a client can use without more. */
  readonly signs: boolean;

  head(name: string, signal?: AbortSignal): Promise<FoundObject>;
  /** @throws StorageError 'invalid-range' when the range begins at the object's end or behind it; 'corrupt' when `etag` is another by now */
  get(name: string, range: GetRange, signal?: AbortSignal): Promise<OpenedObject>;
  /** @returns 'exists' when it was to be written only if absent, and was not, or the store cannot promise to look */
  put(
    name: string,
    bytes: Uint8Array,
    options: { onlyIfAbsent: boolean },
    signal?: AbortSignal,
  ): Promise<{ etag: string } | 'exists'>;
  /** At most 1,000 names. @returns what could not be deleted, and why; an absent object is no failure */
  delete(names: readonly string[]): Promise<readonly { name: string; error: unknown }[]>;
  /** In the order of the names' bytes. */
  list(prefix: string, startAfter: string, signal?: AbortSignal): Promise<Page<StoredObject>>;

  begin(name: string, signal?: AbortSignal): Promise<string>;
  putPart(
    upload: { name: string; id: string; number: number },
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string>;
  /** @param behind the number of the last part of the page before; 0 for the first page. @throws as for an absent object when the upload is gone */
  parts(upload: { name: string; id: string }, behind: number): Promise<readonly UploadedPart[]>;
  complete(upload: { name: string; id: string }, parts: readonly UploadedPart[]): Promise<void>;
  /** An upload that is gone is no failure. */
  abort(upload: { name: string; id: string }): Promise<void>;
  /** Open uploads whose names begin with the prefix, by name; of each name that has some, one at least. `from`: the `next` of the page before. */
  uploads(prefix: string, from?: string): Promise<Page<OpenUpload>>;

  /** A URL that is good for the period. */
  sign(name: string, options: { method: 'GET' | 'HEAD'; period: SignedPeriod }): Promise<string>;
  close(): void;
}
