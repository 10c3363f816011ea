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

/** Segments below this are written again with what comes behind them: Swift serves no more than one of them per second (its `rate_limit_under_size`). */
export const smallSegment = 1024 * 1024;
/** What an append may hold. The next segment is gathered while one is on its way if both fit. */
const mostHeld = 24 * 1024 * 1024;

interface Target {
  readonly key: ObjectKey;
  readonly offset: number;
  readonly notes: UploadNotes;
  readonly signal: AbortSignal | undefined;
}

/** Writes what one append brings behind the bytes that its notes tell of. */
export class SegmentWriter {
  readonly #context: SwiftContext;
  readonly #key: ObjectKey;
  readonly #scope: CallScope;
  /** Names of what was written here: garbage, if the append fails. */
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

  /** What to remember when all is written. */
  get notes(): UploadNotes {
    const { stale: _, ...notes } = this.#notes;
    return this.#stale.length === 0 ? notes : { ...notes, stale: this.#stale };
  }

  /** @returns how the source ended */
  async writeAll(source: PartSource): Promise<Pick<Part, 'interrupted'>> {
    const { chunkSize } = this.#context;
    for (let room = chunkSize - this.#smallTail(); ; room = chunkSize) {
      const end = await this.#writeNext(source, room);
      if (end.isLast) return end;
    }
  }

  /** A frame of its own: what is written is not held while the next one is gathered. */
  async #writeNext(source: PartSource, room: number): Promise<Omit<Part, 'bytes'>> {
    const { bytes, ...end } = await source.next(room);
    await this.#under;
    if (bytes.byteLength === 0) givePartMemory(bytes);
    else this.#under = sendPart(bytes, () => this.#write(bytes, end.isLast));
    // Its failure is met when it is awaited, not by the process.
    this.#under.catch(() => undefined);
    if (end.isLast || 2 * this.#context.chunkSize > mostHeld) await this.#under;
    // Node lets go of a request, and of the body with it, in a turn of its own: a source that is always ready would not give it one.
    await setImmediate();
    return end;
  }

  /** After a failure: nobody would know of what was written here before the upload's end. */
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
   * A blob that fits one segment goes to its own key at once. Only where nothing is: an object there is what an append left that was not
   * acknowledged, and a stalled request must never change what another one has committed.
   */
  async #putWhole(bytes: Buffer): Promise<boolean> {
    const name = this.#context.names.object(this.#key);
    const { signal } = this.#scope;
    const isOurs = await this.#context.run(this.#scope, async (container) => {
      const { etag, exists } = await container.put(name, [bytes], { onlyIfAbsent: true, signal });
      // The answer to an earlier attempt may have been lost.
      if (exists && (await container.head(name, signal)).etag !== etag) return undefined;
      return etag;
    });
    if (isOurs === undefined) return false;
    this.#notes = { ...this.#notes, whole: isOurs };
    this.#offset = bytes.byteLength;
    return true;
  }

  /** Before the first segment: so whoever looks for leftovers finds each upload that may have some. */
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

  /** Bytes of the last segment if it is a small one: the next one leaves room for them. */
  #smallTail(): number {
    const { whole, entries } = this.#notes;
    const size = whole === undefined ? (entries.at(-1)?.size ?? 0) : this.#offset;
    return size < smallSegment ? size : 0;
  }

  /**
   * The bytes of the last segments that are to be written again with the next one: small ones, and those of which it is not far from half the
   * size. So each byte is written again a few times at most, however small the appends, and there are never many small segments.
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
    // Nothing was read that would have shown whether the upload is still there.
    if (last !== undefined && taken.length === 0)
      await this.#context.run(this.#scope, (container) => container.head(last.name, this.#scope.signal));
    this.#notes = { ...this.#notes, entries: this.#notes.entries.slice(0, entries.length) };
    return taken;
  }

  /** The store copies it: what fits one segment is not worth our memory. */
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
