import type { Readable } from 'node:stream';
import { signIn } from './auth/sign-in.ts';
import { committed } from './commit-upload.ts';
import { deleteNames } from './delete-names.ts';
import { SwiftAccount } from './http/swift-account.ts';
import { SwiftContainer } from './http/swift-container.ts';
import { classify } from './http/swift-failure.ts';
import { SegmentWriter, smallSegment } from './segment-writer.ts';
import { clearLeftovers, deleteWithSegments, listLeftovers } from './sweep.ts';
import { SwiftContext } from './swift-context.ts';
import { SwiftNames } from './swift-names.ts';
import type { SwiftParameters } from './swift-parameters.ts';
import { TempUrls } from './temp-urls.ts';
import { formatNotes, parseNotes } from './upload-notes.ts';
import {
  type Appended,
  type CallOptions,
  checkByProbe,
  type DeleteResult,
  type DriverCapabilities,
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
  type CallPolicy,
  PartSource,
  readResuming,
  signedPeriod,
  type StoreAgents,
  storeAgents,
  StoreCalls,
  usualPolicy,
} from '@longshore/storage-remote';

/**
 * Stores objects in a container of OpenStack Swift. A blob lies at its upload's key. If it fits one segment, it is an object from the first append
 * on; otherwise the commit makes a large object from its segments. Segments are written once, under names that are never reused, and the upload's
 * state lists them. So nothing depends on listings, which Swift updates late (docs/adr/0009).
 */
export class SwiftDriver extends StorageDriver {
  override readonly name = 'swift';
  readonly #context: SwiftContext;
  readonly #agents: StoreAgents;
  readonly #tempUrls: TempUrls;
  #redirects = true;

  /** @param stall milliseconds for which the store may be silent */
  constructor(parameters: SwiftParameters, { stall }: { stall?: number } = {}) {
    super();
    this.#agents = storeAgents({
      stall,
      skipVerify: parameters.insecureskipverify,
      caFile: parameters.cabundle,
    });
    this.#context = contextOf(this.#agents, parameters);
    this.#tempUrls = new TempUrls(this.#context, parameters);
  }

  override get capabilities(): DriverCapabilities {
    return { renames: false, minimumChunk: smallSegment, redirects: this.#redirects };
  }

  override async stat(key: ObjectKey, { signal }: CallOptions = {}): Promise<ObjectStat> {
    const { size, modifiedAt } = await this.#context.find({ key, signal }, (container) =>
      container.head(this.#name(key), signal),
    );
    return { key, size, modifiedAt };
  }

  override read(key: ObjectKey, { signal, ...range }: ReadOptions = {}): Promise<Readable> {
    const name = this.#name(key);
    const scope = { key, signal };
    return readResuming(
      { driver: this.name, key, range, signal },
      {
        get: (wanted) => this.#context.find(scope, (container) => container.get(name, wanted, signal)),
        size: async () => (await this.#context.find(scope, (container) => container.head(name, signal))).size,
      },
    );
  }

  override async put(key: ObjectKey, bytes: Uint8Array, { signal }: CallOptions = {}): Promise<void> {
    await this.#context.run({ key, signal }, (container) =>
      container.put(this.#name(key), [bytes], { signal }),
    );
  }

  override async append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    { signal }: CallOptions = {},
  ): Promise<Appended> {
    const { key, offset, state } = upload;
    const notes = parseNotes(upload, key);
    const writer = new SegmentWriter(this.#context, { key, offset, notes, signal });
    using parts = new PartSource(source, { before: Buffer.alloc(0), signal });
    try {
      const { interrupted } = await writer.writeAll(parts);
      const ending = interrupted === undefined ? {} : { interrupted };
      if (writer.offset === offset) return { offset, state, ...ending };
      // Delete the segments that these notes replaced. The caller has stored the notes, so nobody needs those segments. The commit sweeps any that
      // stay.
      await deleteNames(this.#context, notes.stale ?? []);
      return { offset: writer.offset, state: formatNotes(writer.notes), ...ending };
    } catch (error) {
      parts.stop();
      // After an abort of the caller the store must not be touched any more.
      if (signal?.aborted !== true) await Promise.allSettled([writer.undo()]);
      throw error;
    }
  }

  override async commit(upload: Upload): Promise<void> {
    await committed(this.#context, { ...upload, notes: parseNotes(upload, upload.key) });
  }

  override delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    return deleteWithSegments(this.#context, keys);
  }

  override async *list(
    prefix: string,
    { startAfter = '', signal }: ListOptions = {},
  ): AsyncGenerator<ObjectStat> {
    const { names } = this.#context;
    let marker = startAfter === '' ? '' : names.object(startAfter);
    for (;;) {
      const from = { marker, end: names.behindObjects, signal };
      const page = await this.#context.run({ signal }, (container) =>
        container.list(names.object(prefix), from),
      );
      for (const { name, size, modifiedAt } of page) {
        signal?.throwIfAborted();
        const key = names.key(name);
        if (key === undefined) continue;
        // Listings do not count the segments of a dynamic large object, so look up the size of an empty entry.
        // Listings are late: the object may be gone by now.
        // Empty objects are rare, so this costs little.
        const found = size > 0 ? { key, size, modifiedAt } : await unlessAbsent(this.stat(key, { signal }));
        if (found !== undefined) yield found;
      }
      const last = page.at(-1);
      if (last === undefined) return;
      marker = last.name;
    }
  }

  override async *leftovers({ signal }: CallOptions = {}): AsyncGenerator<Leftover> {
    yield* listLeftovers(this.#context, signal);
  }

  override clear(key: ObjectKey): Promise<void> {
    return clearLeftovers(this.#context, key);
  }

  override async redirect(
    key: ObjectKey,
    { method, expiresInSeconds }: RedirectOptions,
  ): Promise<string | undefined> {
    const expires = signedPeriod(expiresInSeconds).until.getTime() / 1000;
    const url = await this.#tempUrls.sign(this.#name(key), { method, expires });
    this.#redirects = url !== undefined;
    return url;
  }

  override check({ signal }: CallOptions = {}): Promise<void> {
    return checkByProbe(this, signal);
  }

  override close(): Promise<void> {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
    return Promise.resolve();
  }

  #name(key: ObjectKey): string {
    return this.#context.names.object(key);
  }
}

function contextOf(agents: StoreAgents, parameters: SwiftParameters): SwiftContext {
  const policy: CallPolicy = {
    ...usualPolicy,
    retries: parameters.maxretries,
    concurrency: parameters.maxconcurrency,
    callsPerSecond: parameters.maxrequestspersecond,
  };
  const account = new SwiftAccount(agents, () => signIn(agents, parameters));
  return new SwiftContext({
    account,
    container: new SwiftContainer(account, parameters.container),
    calls: new StoreCalls(policy, classify),
    names: new SwiftNames(parameters.prefix),
    chunkSize: parameters.chunksize,
    isDynamic: parameters.dlo,
    storagePolicy: parameters.storagepolicy,
  });
}
