import { randomUUID } from 'node:crypto';
import { givePartMemory, sendPart } from '../part-memory.ts';
import type { Part, PartSource } from '../part-source.ts';
import type { StoreCalls } from '../store-calls.ts';
import type { StoreKeys } from '../store-keys.ts';
import type { MultipartStore } from './multipart-store.ts';
import { chained, type Tail, type UploadNotes } from './upload-notes.ts';
import type { ObjectKey } from '@longshore/storage';

export interface MultipartContext {
  readonly store: MultipartStore;
  readonly calls: StoreCalls;
  readonly keys: StoreKeys;
  /** Bytes of the first parts. */
  readonly partSize: number;
}

/** Parts that share a size; then it doubles, so that 10,000 parts (the most that a store takes) hold any layer. */
const partsPerSize = 2000;

/** Writes the parts of one append behind those that the notes tell of, the next one being gathered while one is on its way. */
export class PartWriter {
  readonly #context: MultipartContext;
  readonly #key: ObjectKey;
  readonly #signal: AbortSignal | undefined;
  #notes: UploadNotes;
  #under: Promise<void> = Promise.resolve();
  #begun: string | undefined;
  /** Bytes of the full parts that were handed on here. */
  written = 0;

  constructor(
    context: MultipartContext,
    { key, notes, signal }: { key: ObjectKey; notes: UploadNotes; signal: AbortSignal | undefined },
  ) {
    this.#context = context;
    this.#key = key;
    this.#notes = notes;
    this.#signal = signal;
  }

  /** @returns the last part, which is not written yet */
  async writeFullParts(source: PartSource): Promise<Part> {
    for (;;) {
      const part = await source.next(this.#nextSize());
      await this.#under;
      if (part.isLast) return part;
      this.written += part.bytes.byteLength;
      this.#under = sendPart(part.bytes, () => this.#writeFull(part.bytes));
      // Its failure is met in the next round, not by the process.
      this.#under.catch(() => undefined);
    }
  }

  /** @returns what to remember when the last bytes are stored, too */
  async finish(bytes: Buffer): Promise<UploadNotes> {
    if (bytes.byteLength > 0) return sendPart(bytes, () => this.#writeLast(bytes));
    givePartMemory(bytes);
    return this.#notes;
  }

  /** After a failure: nobody would know of a multipart upload that was begun here. */
  async undo(): Promise<void> {
    const { store, calls, keys } = this.#context;
    await Promise.allSettled([this.#under]);
    const id = this.#begun;
    if (id === undefined) return;
    const name = keys.object(this.#key);
    await calls.run({ key: this.#key }, () => store.abort({ name, id }));
  }

  #nextSize(): number {
    const { partSize } = this.#context;
    return partSize * 2 ** Math.floor(this.#notes.parts / partsPerSize);
  }

  async #writeLast(bytes: Buffer): Promise<UploadNotes> {
    const { store } = this.#context;
    const isFirst = this.#notes.id === undefined;
    // Where a tail is, the key is taken already.
    if (isFirst && this.#notes.whole === undefined && this.#notes.tail === undefined) {
      const whole = await this.#putWhole(bytes);
      if (whole !== undefined) return { ...this.#notes, whole };
    }
    if (bytes.byteLength >= store.minimumPart) {
      await this.#writeFull(bytes);
      return this.#notes;
    }
    const { whole: _, ...notes } = this.#notes;
    const writes = [
      this.#putTail(bytes),
      isFirst ? Promise.resolve(undefined) : this.#putPart(notes.parts + 1, bytes),
    ] as const;
    // Both look at the bytes, also when one of them has failed.
    await Promise.allSettled(writes);
    const [tail, etag] = await Promise.all(writes);
    return { ...notes, tail: { ...tail, ...(etag === undefined ? {} : { etag }) } };
  }

  async #writeFull(bytes: Buffer): Promise<void> {
    const { whole: _, tail: __, ...notes } = this.#notes;
    const etag = await this.#putPart(notes.parts + 1, bytes);
    const id = this.#notes.id;
    this.#notes = {
      ...notes,
      ...(id === undefined ? {} : { id }),
      parts: notes.parts + 1,
      chain: chained(notes.chain, etag),
    };
  }

  async #putPart(number: number, bytes: Buffer): Promise<string> {
    const { store, calls, keys } = this.#context;
    const name = keys.object(this.#key);
    const scope = { key: this.#key, signal: this.#signal };
    const id = this.#notes.id ?? (await calls.run(scope, () => store.begin(name, this.#signal)));
    if (this.#notes.id === undefined) {
      this.#begun = id;
      this.#notes = { ...this.#notes, id };
    }
    return calls.run(scope, () => store.putPart({ name, id, number }, bytes, this.#signal));
  }

  /**
   * A blob that is smaller than a part goes to its own key at once. Only where nothing is: an object there is what an append left that was not
   * acknowledged, and a stalled request must never change what another one has committed.
   */
  async #putWhole(bytes: Buffer): Promise<string | undefined> {
    const { store, calls, keys } = this.#context;
    const name = keys.object(this.#key);
    const put = await calls.run({ key: this.#key, signal: this.#signal }, () =>
      store.put(name, bytes, { onlyIfAbsent: true }, this.#signal),
    );
    return put === 'exists' ? undefined : put.etag;
  }

  async #putTail(bytes: Buffer): Promise<Tail> {
    const { store, calls, keys } = this.#context;
    const name = randomUUID();
    await calls.run({ key: this.#key, signal: this.#signal }, () =>
      store.put(keys.side(this.#key) + name, bytes, { onlyIfAbsent: false }, this.#signal),
    );
    return { name, size: bytes.byteLength };
  }
}
