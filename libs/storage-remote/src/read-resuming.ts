import { Readable } from 'node:stream';
import { ResumingReadable } from './resuming-readable.ts';
import { byteRange, StorageError } from '@longshore/storage';

export interface WantedRead {
  readonly driver: string;
  readonly key: string;
  readonly range: { readonly start?: number | undefined; readonly end?: number | undefined };
  readonly signal: AbortSignal | undefined;
}

/** How a store is asked, with its retries around it. */
export interface ReadableStore {
  /** @throws StorageError 'invalid-range' when there is no byte in the range; 'corrupt' when the object has another ETag */
  get(range: {
    start?: number | undefined;
    end?: number | undefined;
    etag?: string | undefined;
  }): Promise<{ body: Readable; size: number; etag: string }>;
  /** Of the object. Bytes. */
  size(): Promise<number>;
}

/** Opens a part of an object, and goes on with the same object where an answer breaks off. @throws StorageError as `StorageDriver.read` */
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
    // Stores have no answer with no byte: at the end of an object it is ours.
    byteRange(range, await store.size(), { driver, key });
    return Readable.from([], { objectMode: false });
  }
}
