import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { Block } from './block-plan.ts';
import type { ObjectKey } from '@longshore/storage';
import type { StoreCalls, StoreKeys } from '@longshore/storage-remote';

/** The condition on the existing blob under which a write happens. Undefined means that it always happens. */
export type Condition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string } | undefined;

export interface BlobFacts {
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: Date;
  /** The time of the answer, by the store's clock. */
  readonly answeredAt: Date;
}

interface Scope {
  readonly key: ObjectKey;
  readonly signal?: AbortSignal | undefined;
}

/** The requests of this driver, with retries. They reject with StorageErrors, or with the signal's reason. */
export class AzureBlobs {
  readonly #container: ContainerClient;
  readonly #calls: StoreCalls;
  readonly #keys: StoreKeys;

  constructor(container: ContainerClient, calls: StoreCalls, keys: StoreKeys) {
    this.#container = container;
    this.#calls = calls;
    this.#keys = keys;
  }

  async head(scope: Scope): Promise<BlobFacts & { md5: Uint8Array | undefined }> {
    const found = await this.#run(scope, (blob, options) => blob.getProperties(options));
    return { ...factsOf({ ...found, size: found.contentLength }), md5: found.contentMD5 };
  }

  /** @throws StorageError 'corrupt' if the blob has another ETag */
  async get(
    scope: Scope,
    {
      start = 0,
      end,
      etag,
    }: { start?: number | undefined; end?: number | undefined; etag?: string | undefined },
  ): Promise<{ body: Readable; size: number; etag: string }> {
    const count = end === undefined ? undefined : end - start + 1;
    const found = await this.#run(scope, (blob, options) =>
      blob.download(start, count, {
        ...options,
        ...(etag === undefined ? {} : { conditions: { ifMatch: etag } }),
        // `readResuming` retries instead.
        maxRetryRequests: 0,
      }),
    );
    const body = found.readableStreamBody;
    if (!(body instanceof Readable)) throw new Error('the SDK gave no stream');
    const total = Number(/\/(\d+)$/.exec(found.contentRange ?? '')?.[1] ?? found.contentLength ?? Number.NaN);
    return { body, size: total, etag: found.etag ?? '' };
  }

  /** Put Blob. */
  async put(scope: Scope, bytes: Uint8Array, conditions?: Condition): Promise<void> {
    const transactionalContentMD5 = md5Of(bytes);
    await this.#run(scope, (blob, options) =>
      blob.upload(bytes, bytes.byteLength, {
        ...options,
        transactionalContentMD5,
        ...(conditions === undefined ? {} : { conditions }),
      }),
    );
  }

  /**
   * Sends Put Block. A staged block is invisible until `putBlockList` names it, and expires after a week. Without TLS, which protects the bytes, the
   * store compares the block with its MD5; that is half of the CPU of a push.
   */
  async putBlock(scope: Scope, id: string, bytes: Uint8Array): Promise<void> {
    const isVouchedFor = this.#container.url.startsWith('https:');
    const check = isVouchedFor ? {} : { transactionalContentMD5: md5Of(bytes) };
    await this.#run(scope, (blob, options) =>
      blob.stageBlock(id, bytes, bytes.byteLength, { ...options, ...check }),
    );
  }

  async putBlockList(scope: Scope, ids: readonly string[], conditions: Condition): Promise<void> {
    await this.#run(scope, (blob, options) =>
      blob.commitBlockList([...ids], {
        ...options,
        ...(conditions === undefined ? {} : { conditions }),
      }),
    );
  }

  /** Returns the blocks of a blob. A blob that was written whole has none. */
  async blocks(scope: Scope): Promise<BlobFacts & { readonly blocks: readonly Block[] }> {
    const found = await this.#run(scope, (blob, options) => blob.getBlockList('committed', options));
    const blocks = (found.committedBlocks ?? []).map(({ name, size }) => ({ id: name, size }));
    return { ...factsOf({ ...found, size: found.blobContentLength }), blocks };
  }

  /** Whether there are uncommitted blocks: blocks that no list names. */
  async hasUncommitted(scope: Scope): Promise<boolean> {
    const found = await this.#run(scope, (blob, options) => blob.getBlockList('uncommitted', options));
    return (found.uncommittedBlocks ?? []).length > 0;
  }

  async delete(scope: Scope, etag?: string): Promise<void> {
    await this.#run(scope, (blob, options) =>
      blob.delete({
        ...options,
        deleteSnapshots: 'include',
        ...(etag === undefined ? {} : { conditions: { ifMatch: etag } }),
      }),
    );
  }

  #run<T>(
    { key, signal }: Scope,
    call: (blob: BlockBlobClient, options: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const blob = this.#container.getBlockBlobClient(this.#keys.object(key));
    const options = signal === undefined ? {} : { abortSignal: signal };
    return this.#calls.run({ key, signal }, () => call(blob, options));
  }
}

interface Answer {
  readonly size: number | undefined;
  readonly etag?: string | undefined;
  readonly lastModified?: Date | undefined;
  readonly date?: Date | undefined;
}

function factsOf({ size = 0, etag = '', lastModified = new Date(0), date = new Date() }: Answer): BlobFacts {
  return { size, etag, modifiedAt: lastModified, answeredAt: date };
}

export function md5Of(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}
