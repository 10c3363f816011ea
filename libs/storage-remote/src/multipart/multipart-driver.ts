import { Readable } from 'node:stream';
import { givePartMemory } from '../part-memory.ts';
import { PartSource } from '../part-source.ts';
import { readResuming } from '../read-resuming.ts';
import { signedPeriod } from '../signed-period.ts';
import type { CallScope } from '../store-calls.ts';
import { bytesBehindParts } from './bytes-behind-parts.ts';
import { committed } from './commit-upload.ts';
import { deleteWithLeftovers } from './delete-with-leftovers.ts';
import { listLeftovers, removeLeftovers } from './leftovers.ts';
import { type MultipartContext, PartWriter } from './part-writer.ts';
import { formatNotes, parseNotes, type UploadNotes } from './upload-notes.ts';
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
  type Upload,
} from '@longshore/storage';

/**
 * Stores objects in a store with multipart uploads (S3, OSS). A blob lies at its upload's key from the first byte on: as an object if it is smaller
 * than a part, otherwise as a multipart upload that the commit completes. The bytes after the last full part are also kept in a side object, because
 * a part cannot be read back. A chunk may therefore have any size (docs/adr/0009).
 */
export class MultipartDriver extends StorageDriver {
  override readonly name: string;
  override readonly capabilities: DriverCapabilities;
  readonly #context: MultipartContext;

  constructor(name: string, context: MultipartContext) {
    super();
    this.name = name;
    this.#context = context;
    const { minimumPart, signs } = context.store;
    this.capabilities = { renames: false, minimumChunk: minimumPart, redirects: signs };
  }

  override async stat(key: ObjectKey, { signal }: CallOptions = {}): Promise<ObjectStat> {
    const { size, modifiedAt } = await this.#run({ key, signal }, () =>
      this.#context.store.head(this.#name(key), signal),
    );
    return { key, size, modifiedAt };
  }

  override read(key: ObjectKey, { signal, ...range }: ReadOptions = {}): Promise<Readable> {
    const { store, calls } = this.#context;
    const name = this.#name(key);
    return readResuming(
      { driver: this.name, key, range, signal },
      {
        get: (wanted) => calls.run({ key, signal }, () => store.get(name, wanted, signal)),
        size: async () => (await calls.run({ key, signal }, () => store.head(name, signal))).size,
      },
    );
  }

  override async put(key: ObjectKey, bytes: Uint8Array, { signal }: CallOptions = {}): Promise<void> {
    await this.#run({ key, signal }, () =>
      this.#context.store.put(this.#name(key), bytes, { onlyIfAbsent: false }, signal),
    );
  }

  override async append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    { signal }: CallOptions = {},
  ): Promise<Appended> {
    const { key, offset, state } = upload;
    const notes = parseNotes(upload, { driver: this.name, key });
    const before = await bytesBehindParts(this.#context, { key, notes, offset, driver: this.name, signal });
    using parts = new PartSource(source, { before, signal });
    const writer = new PartWriter(this.#context, { key, notes, signal });
    try {
      const last = await writer.writeFullParts(parts);
      const { interrupted } = last;
      const ending = interrupted === undefined ? {} : { interrupted };
      const end = writer.written + last.bytes.byteLength + (offset - before.byteLength);
      if (end === offset && state !== null) {
        givePartMemory(last.bytes);
        return { offset, state, ...ending };
      }
      const written = await writer.finish(last.bytes);
      await this.#dropStaleTail(key, notes);
      return { offset: end, state: formatNotes(this.#withStaleTail(written, notes)), ...ending };
    } catch (error) {
      parts.stop();
      // After an abort of the caller the store must not be touched any more.
      if (signal?.aborted !== true) await Promise.allSettled([writer.undo()]);
      throw error;
    }
  }

  override async commit(upload: Upload): Promise<void> {
    const { key } = upload;
    const notes = parseNotes(upload, { driver: this.name, key });
    await committed(this.#context, { ...upload, notes, driver: this.name });
  }

  override delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    return deleteWithLeftovers(this.#context, keys);
  }

  override async *list(
    prefix: string,
    { startAfter = '', signal }: ListOptions = {},
  ): AsyncGenerator<ObjectStat> {
    const { store, keys } = this.#context;
    let after: string | undefined = startAfter === '' ? '' : keys.object(startAfter);
    while (after !== undefined) {
      const from: string = after;
      const page = await this.#run({ signal }, () => store.list(keys.object(prefix), from, signal));
      for (const { name, size, modifiedAt } of page.items) {
        // Side objects sort after every key.
        if (name.startsWith(keys.sides)) return;
        const key = keys.key(name);
        if (key !== undefined) yield { key, size, modifiedAt };
      }
      after = page.next;
    }
  }

  override async *leftovers({ signal }: CallOptions = {}): AsyncGenerator<Leftover> {
    yield* listLeftovers(this.#context, signal);
  }

  override clear(key: ObjectKey): Promise<void> {
    return removeLeftovers(this.#context, key);
  }

  override async redirect(
    key: ObjectKey,
    { method, expiresInSeconds }: RedirectOptions,
  ): Promise<string | undefined> {
    if (!this.capabilities.redirects) return undefined;
    const period = signedPeriod(expiresInSeconds);
    return this.#run({ key }, () => this.#context.store.sign(this.#name(key), { method, period }));
  }

  override check({ signal }: CallOptions = {}): Promise<void> {
    return checkByProbe(this, signal);
  }

  override close(): Promise<void> {
    this.#context.store.close();
    return Promise.resolve();
  }

  #withStaleTail(written: UploadNotes, before: UploadNotes): UploadNotes {
    const { staleTail: _, ...notes } = written;
    return before.tail === undefined ? notes : { ...notes, staleTail: before.tail.name };
  }

  /**
   * Deletes the tail before the one in these notes. The caller has stored these notes, so nobody needs the older tail. A tail that could not be
   * deleted is listed by `leftovers`.
   */
  async #dropStaleTail(key: ObjectKey, { staleTail }: UploadNotes): Promise<void> {
    if (staleTail === undefined) return;
    const name = this.#context.keys.side(key) + staleTail;
    await Promise.allSettled([this.#run({ key }, () => this.#context.store.delete([name]))]);
  }

  #run<T>(scope: CallScope, call: () => Promise<T>): Promise<T> {
    return this.#context.calls.run(scope, call);
  }

  #name(key: ObjectKey): string {
    return this.#context.keys.object(key);
  }
}
