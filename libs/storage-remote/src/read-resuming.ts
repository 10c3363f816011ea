import { Readable } from 'node:stream';
import { ResumingReadable } from './resuming-readable.ts';
import { byteRange, StorageError } from '@longshore/storage';

export interface WantedRead {
  readonly driver: string;
  readonly key: string;
  readonly range: { readonly start?: number | undefined; readonly end?: number | undefined };
  readonly signal: AbortSignal | undefined;
}

/** The requests to a store, with retries. */
export interface ReadableStore {
  /** @throws StorageError 'invalid-range' if the range has no byte; 'corrupt' if the object has another ETag */
  get(range: {
    start?: number | undefined;
    end?: number | undefined;
    etag?: string | undefined;
  }): Promise<{ body: Readable; size: number; etag: string }>;
  /** Returns the size of the object in bytes. */
  size(): Promise<number>;
}

/** Opens a range of an object. If an answer breaks off, it continues with the same object. @throws StorageError as `StorageDriver.read` */
export async function readResuming(wanted: WantedRead, store: ReadableStore): Promise<Readable> {
  const { driver, key, range, signal } = wanted;
  try {
    const { body, size, etag } = await store.get(range);
    const within = byteRange(range, size, { driver, key });
    const reopen = async (start: number): Promise<Readable> =>
      (await store.get({ start, end: within.behind - 1, etag })).body;
    return new ResumingReadable(body, { ...within, driver, key, signal, reopen });
  } catch (error) {
    if (!(error instanceof StorageError && error.kind === 'invalid-range')) throw error;
    // Stores refuse a range without a byte. At the end of an object, answer it here.
    byteRange(range, await store.size(), { driver, key });
    return Readable.from([], { objectMode: false });
  }
}
