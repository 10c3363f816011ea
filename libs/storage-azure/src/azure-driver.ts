import type { Readable } from 'node:stream';
import type { ContainerClient } from '@azure/storage-blob';
import { AzureBlobs } from './azure-blobs.ts';
import { classifyAzureError, isConflict } from './azure-error.ts';
import { blobsBehind, perhapsUncommitted } from './azure-listing.ts';
import type { AzureParameters } from './azure-parameters.ts';
import { type AzureService, openAzureService } from './azure-service.ts';
import { type SignRead, signerOf } from './azure-signer.ts';
import { leastBlock } from './block-plan.ts';
import { type Beginning, beginningOf, BlockUpload, nothing, tooShort } from './block-upload.ts';
import {
  type Appended,
  type CallOptions,
  checkByProbe,
  type DeleteFailure,
  type DeleteResult,
  type DriverCapabilities,
  forEachOf,
  type Leftover,
  type ListOptions,
  type ObjectKey,
  type ObjectStat,
  type ReadOptions,
  type RedirectOptions,
  StorageDriver,
  unlessAbsent,
  type Upload,
} from '@longshore/storage';
import {
  givePartMemory,
  PartSource,
  readResuming,
  signedPeriod,
  StoreCalls,
  StoreKeys,
  usualPolicy,
} from '@longshore/storage-remote';

/** Concurrent deletions. */
const lanes = 32;

/**
 * Stores block blobs in one container of Azure Blob Storage. A blob lies at its upload's key from the first byte on, and each append commits all of
 * its bytes there (Put Blob, or Put Block List). Therefore no side objects are needed, nothing acknowledged expires, and the commit only checks the
 * blob (docs/adr/0009).
 */
export class AzureDriver extends StorageDriver {
  override readonly name = 'azure';
  override readonly capabilities: DriverCapabilities;
  readonly #service: AzureService;
  readonly #container: ContainerClient;
  readonly #keys: StoreKeys;
  readonly #calls: StoreCalls;
  readonly #blobs: AzureBlobs;
  readonly #sign: SignRead | undefined;
  readonly #chunkSize: number;

  private constructor(parameters: AzureParameters, service: AzureService) {
    super();
    this.#service = service;
    this.#container = service.client.getContainerClient(parameters.container);
    this.#keys = new StoreKeys(parameters.rootdirectory);
    this.#calls = new StoreCalls(
      {
        ...usualPolicy,
        retries: Math.max(0, parameters.max_retries),
        firstDelay: parameters.retry_delay,
        concurrency: parameters.maxconcurrency,
        callsPerSecond: parameters.maxrequestspersecond,
      },
      classifyAzureError,
    );
    this.#blobs = new AzureBlobs(this.#container, this.#calls, this.#keys);
    this.#sign = signerOf(service, this.#container);
    this.#chunkSize = parameters.chunksize;
    this.capabilities = { renames: false, minimumChunk: leastBlock, redirects: this.#sign !== undefined };
  }

  /** @throws Error that names the wrong parameter */
  static async open(parameters: AzureParameters): Promise<AzureDriver> {
    return new AzureDriver(parameters, await openAzureService(parameters));
  }

  override async stat(key: ObjectKey, { signal }: CallOptions = {}): Promise<ObjectStat> {
    const { size, modifiedAt } = await this.#blobs.head({ key, signal });
    return { key, size, modifiedAt };
  }

  override read(key: ObjectKey, { signal, ...range }: ReadOptions = {}): Promise<Readable> {
    return readResuming(
      { driver: this.name, key, range, signal },
      {
        get: (wanted) => this.#blobs.get({ key, signal }, wanted),
        size: async () => (await this.#blobs.head({ key, signal })).size,
      },
    );
  }

  override async put(key: ObjectKey, bytes: Uint8Array, { signal }: CallOptions = {}): Promise<void> {
    await this.#blobs.put({ key, signal }, bytes);
  }

  override async append(
    { key, offset }: Upload,
    source: AsyncIterable<Uint8Array>,
    { signal }: CallOptions = {},
  ): Promise<Appended> {
    const beginning = offset === 0 ? nothing : await beginningOf(this.#blobs, { key, offset, signal });
    const upload = new BlockUpload(this.#blobs, { key, chunkSize: this.#chunkSize, signal }, beginning);
    using parts = new PartSource(source, { before: beginning.tail, signal });
    try {
      const { bytes, interrupted } = await upload.writeFullBlocks(parts);
      const end = upload.end + bytes.byteLength;
      if (end > offset) await upload.finish(bytes);
      else givePartMemory(bytes);
      return { offset: end, state: null, ...(interrupted === undefined ? {} : { interrupted }) };
    } catch (error) {
      parts.stop();
      throw error;
    }
  }

  override async commit({ key, offset }: Upload): Promise<void> {
    if (await this.#isWhole(key, offset)) return;
    try {
      const beginning =
        offset === 0 ? await this.#emptied(key) : await beginningOf(this.#blobs, { key, offset });
      await new BlockUpload(this.#blobs, { key, chunkSize: this.#chunkSize }, beginning).finish(
        beginning.tail,
      );
    } catch (error) {
      // A concurrent commit of the same upload may have been faster.
      if (!(await this.#isWhole(key, offset))) throw error;
    }
  }

  override async abort(key: ObjectKey): Promise<void> {
    const deleted = await unlessAbsent(this.#blobs.delete({ key }).then(() => true));
    if (deleted === undefined) await this.#clearAbsent(key);
  }

  override async delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    const gone: ObjectKey[] = [];
    const failed: DeleteFailure[] = [];
    await forEachOf([...new Set(keys)], lanes, async (key) => {
      try {
        await this.abort(key);
        gone.push(key);
      } catch (error) {
        failed.push({ key, error: this.#calls.failure(error, key) });
      }
    });
    return { gone, failed };
  }

  override async *list(
    prefix: string,
    { startAfter = '', signal }: ListOptions = {},
  ): AsyncGenerator<ObjectStat> {
    const listing = { container: this.#container, calls: this.#calls, signal };
    const after = startAfter === '' ? '' : this.#keys.object(startAfter);
    for await (const { name, properties } of blobsBehind(listing, {
      prefix: this.#keys.object(prefix),
      after,
    })) {
      const key = this.#keys.key(name);
      const { contentLength: size = 0, lastModified: modifiedAt } = properties;
      if (key !== undefined) yield { key, size, modifiedAt };
    }
  }

  /** Lists the uncommitted blocks of failed appends that no later append followed. The service itself drops them after a week. */
  override async *leftovers({ signal }: CallOptions = {}): AsyncGenerator<Leftover> {
    const listing = { container: this.#container, calls: this.#calls, signal };
    for await (const { name, properties } of perhapsUncommitted(listing, this.#keys.object(''))) {
      const key = this.#keys.key(name);
      if (key !== undefined && !(await this.#isThere(key, signal)))
        yield { key, since: properties.lastModified ?? new Date() };
    }
  }

  override async clear(key: ObjectKey): Promise<void> {
    if (!(await this.#isThere(key))) await this.#clearAbsent(key);
  }

  override async redirect(
    key: ObjectKey,
    { expiresInSeconds, signal }: RedirectOptions,
  ): Promise<string | undefined> {
    const sign = this.#sign;
    if (sign === undefined) return undefined;
    const { until } = signedPeriod(expiresInSeconds);
    return this.#calls.run({ key, signal }, () => sign(this.#keys.object(key), until));
  }

  override check({ signal }: CallOptions = {}): Promise<void> {
    return checkByProbe(this, signal);
  }

  override close(): Promise<void> {
    const { http, https } = this.#service.agents;
    http.destroy();
    https.destroy();
    return Promise.resolve();
  }

  /** Whether the blob has exactly these bytes. @throws StorageError 'absent' if it should have bytes; 'corrupt' if it has fewer */
  async #isWhole(key: ObjectKey, offset: number): Promise<boolean> {
    const looking = this.#blobs.head({ key });
    const found = offset === 0 ? await unlessAbsent(looking) : await looking;
    if (found === undefined) return false;
    if (found.size < offset) throw tooShort(key, found.size, offset);
    return found.size === offset;
  }

  /** Returns an empty beginning. A blob at the key of an upload without bytes was never acknowledged, so it is replaced. */
  async #emptied(key: ObjectKey): Promise<Beginning> {
    const found = await unlessAbsent(this.#blobs.head({ key }));
    return { ...nothing, etag: found?.etag };
  }

  async #isThere(key: ObjectKey, signal?: AbortSignal): Promise<boolean> {
    return (await unlessAbsent(this.#blobs.head({ key, signal }))) !== undefined;
  }

  /** Discards uncommitted blocks. They cannot be deleted, but committing an empty list discards them, and the resulting blob can be deleted. */
  async #clearAbsent(key: ObjectKey): Promise<void> {
    try {
      if ((await unlessAbsent(this.#blobs.hasUncommitted({ key }))) !== true) return;
      await this.#blobs.putBlockList({ key }, [], { ifNoneMatch: '*' });
      const found = await unlessAbsent(this.#blobs.head({ key }));
      if (found?.size === 0) await unlessAbsent(this.#blobs.delete({ key }, found.etag));
    } catch (error) {
      // Another writer is active at this key, so nothing is left over.
      if (!isConflict(error)) throw error;
    }
  }
}
