import { setImmediate } from 'node:timers/promises';
import { deleteNames } from './delete-names.ts';
import { folded } from './fold-entries.ts';
import { namedEntries } from './manifest-names.ts';
import type { SwiftContext } from './swift-context.ts';
import { newRandom, segmentName } from './swift-names.ts';
import type { UploadNotes } from './upload-notes.ts';
import { type ObjectKey, StorageError } from '@longshore/storage';
import {
  type CallScope,
  givePartMemory,
  type Part,
  type PartSource,
  sendPart,
} from '@longshore/storage-remote';

/**
 * Size in bytes below which a segment is merged with the bytes after it. Swift serves at most one such segment per second (its
 * `rate_limit_under_size`).
 */
export const smallSegment = 1024 * 1024;
/** Bytes that an append may hold. The next segment is gathered while one is being sent if both fit. */
const mostHeld = 24 * 1024 * 1024;

interface Target {
  readonly key: ObjectKey;
  readonly offset: number;
  readonly notes: UploadNotes;
  readonly signal: AbortSignal | undefined;
}

/** Writes the bytes of one append after those in its notes. */
export class SegmentWriter {
  readonly #context: SwiftContext;
  readonly #key: ObjectKey;
  readonly #scope: CallScope;
  /** Names of the objects that this append wrote. They are garbage if it fails. */
  readonly #written: string[] = [];
  readonly #stale: string[] = [];
  #notes: UploadNotes;
  #offset: number;
  #isFirst = true;
  #under: Promise<void> = Promise.resolve();

  constructor(context: SwiftContext, { key, offset, notes, signal }: Target) {
    this.#context = context;
    this.#key = key;
    this.#offset = offset;
    this.#notes = notes;
    this.#scope = { key, signal };
  }

  get offset(): number {
    return this.#offset;
  }

  /** The notes after everything is written. */
  get notes(): UploadNotes {
    const { stale: _, ...notes } = this.#notes;
    return this.#stale.length === 0 ? notes : { ...notes, stale: this.#stale };
  }

  /** Writes the whole source. @returns how the source ended */
  async writeAll(source: PartSource): Promise<Pick<Part, 'interrupted'>> {
    const { chunkSize } = this.#context;
    for (let room = chunkSize - this.#smallTail(); ; room = chunkSize) {
      const end = await this.#writeNext(source, room);
      if (end.isLast) return end;
    }
  }

  /** Writes one segment. It is a function of its own, so that the segment's bytes are not held while the next one is gathered. */
  async #writeNext(source: PartSource, room: number): Promise<Omit<Part, 'bytes'>> {
    const { bytes, ...end } = await source.next(room);
    await this.#under;
    if (bytes.byteLength === 0) givePartMemory(bytes);
    else this.#under = sendPart(bytes, () => this.#write(bytes, end.isLast));
    // It is awaited later; without this handler a failure would be an unhandled rejection.
    this.#under.catch(() => undefined);
    if (end.isLast || 2 * this.#context.chunkSize > mostHeld) await this.#under;
    // Node releases a request and its body in a separate turn of the event loop, which a source that is always ready would not leave to it.
    await setImmediate();
    return end;
  }

  /** Deletes what a failed append wrote: nobody else knows of it before the upload's end. */
  async undo(): Promise<void> {
    await Promise.allSettled([this.#under]);
    await deleteNames(this.#context, this.#written);
  }

  async #write(bytes: Buffer, isLast: boolean): Promise<void> {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isFirst && this.#offset === 0 && isLast && (await this.#putWhole(bytes))) return;
    await this.#mark();
    const before = isFirst ? await this.#takeTail(bytes.byteLength) : [];
    const all = [...before, bytes];
    const size = all.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const start = this.#offset - (size - bytes.byteLength);
    const random = newRandom();
    const name = this.#segment(start, random);
    const { signal } = this.#scope;
    const { etag } = await this.#context.run(this.#scope, (container) =>
      container.put(name, all, { signal }),
    );
    this.#offset = start + size;
    this.#notes = { ...this.#notes, entries: [...this.#notes.entries, { random, size, etag, level: 0 }] };
    this.#notes = await folded(this.#context, { ...this.#scope, key: this.#key }, this.#notes);
  }

  /**
   * Puts a blob that fits one segment at its own key, only if no object is there. An object there was left by an unacknowledged append; and a stalled
   * request must never change a committed object.
   */
  async #putWhole(bytes: Buffer): Promise<boolean> {
    const name = this.#context.names.object(this.#key);
    const { signal } = this.#scope;
    const isOurs = await this.#context.run(this.#scope, async (container) => {
      const { etag, exists } = await container.put(name, [bytes], { onlyIfAbsent: true, signal });
      // The object may be from an earlier attempt whose answer was lost.
      if (exists && (await container.head(name, signal)).etag !== etag) return undefined;
      return etag;
    });
    if (isOurs === undefined) return false;
    this.#notes = { ...this.#notes, whole: isOurs };
    this.#offset = bytes.byteLength;
    return true;
  }

  /** Writes the upload's marker before its first segment, so that every upload with leftovers can be found. */
  async #mark(): Promise<void> {
    if (this.#notes.isMarked) return;
    const name = this.#context.names.marker(this.#key, this.#notes.id);
    const { signal } = this.#scope;
    const hasStatic = await this.#context.run(this.#scope, async (container, { hasStaticLargeObjects }) => {
      await container.put(name, [], { signal });
      return hasStaticLargeObjects;
    });
    this.#notes = { ...this.#notes, isMarked: true, ...(hasStatic ? {} : { isDynamic: true }) };
  }

  /** Returns the size of the last segment if it is small. The next segment leaves room for it. */
  #smallTail(): number {
    const { whole, entries } = this.#notes;
    const size = whole === undefined ? (entries.at(-1)?.size ?? 0) : this.#offset;
    return size < smallSegment ? size : 0;
  }

  /**
   * Returns the bytes of the last segments that are merged into the next one: small ones, and those of at most twice its size. Each byte is
   * rewritten only a few times, however small the appends, and there are never many small segments.
   */
  async #takeTail(size: number): Promise<readonly Buffer[]> {
    const taken: Buffer[] = [];
    let total = size;
    const fits = (last: number): boolean =>
      last + total <= this.#context.chunkSize && (last < smallSegment || last <= 2 * total);
    if (this.#notes.whole !== undefined) {
      const { whole, ...notes } = this.#notes;
      if (!fits(this.#offset)) await this.#copyWhole();
      else {
        taken.push(await this.#bytes(this.#context.names.object(this.#key), this.#offset, whole));
        this.#notes = notes;
      }
      return taken;
    }
    const entries = [...namedEntries(this.#context, this.#key, this.#notes)];
    for (let last = entries.at(-1); last !== undefined && last.level === 0; last = entries.at(-1)) {
      if (!fits(last.size)) break;
      taken.unshift(await this.#bytes(last.name, last.size, last.etag));
      this.#stale.push(last.name);
      total += last.size;
      entries.pop();
    }
    const last = entries.at(-1);
    // Nothing was read, so check that the upload still exists.
    if (last !== undefined && taken.length === 0)
      await this.#context.run(this.#scope, (container) => container.head(last.name, this.#scope.signal));
    this.#notes = { ...this.#notes, entries: this.#notes.entries.slice(0, entries.length) };
    return taken;
  }

  /** Lets the store copy the whole object to a segment, which saves memory here. */
  async #copyWhole(): Promise<void> {
    const { whole, ...notes } = this.#notes;
    const random = newRandom();
    const from = this.#context.names.object(this.#key);
    const to = this.#segment(0, random);
    const etag = await this.#context.run(this.#scope, (container) =>
      container.copy(from, to, this.#scope.signal),
    );
    if (etag !== whole) throw this.#corrupt('the object is another than was acknowledged');
    this.#notes = { ...notes, entries: [{ random, size: this.#offset, etag, level: 0 }] };
  }

  async #bytes(name: string, size: number, etag: string | undefined): Promise<Buffer> {
    const bytes = await this.#context.run(this.#scope, (container) =>
      container.bytes(name, { etag, signal: this.#scope.signal }),
    );
    if (bytes.byteLength === size) return bytes;
    throw this.#corrupt(`${bytes.byteLength} bytes are there of ${size}`);
  }

  #segment(offset: number, random: string): string {
    const name = this.#context.names.segments(this.#key, this.#notes.id) + segmentName(offset, random);
    this.#written.push(name);
    return name;
  }

  #corrupt(reason: string): StorageError {
    return new StorageError('corrupt', { driver: 'swift', key: this.#key, reason });
  }
}
