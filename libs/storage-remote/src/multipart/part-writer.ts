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
  /** Size in bytes of the first parts. */
  readonly partSize: number;
}

/** Number of parts of one size; then the size doubles, so that 10,000 parts (the limit of stores) hold any layer. */
const partsPerSize = 2000;

/** Writes the parts of one append after those in the notes. The next part is gathered while one is being sent. */
export class PartWriter {
  readonly #context: MultipartContext;
  readonly #key: ObjectKey;
  readonly #signal: AbortSignal | undefined;
  #notes: UploadNotes;
  #under: Promise<void> = Promise.resolve();
  #begun: string | undefined;
  /** Bytes of the full parts that this append wrote. */
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

  /** Writes the full parts of a source. @returns the last part, which is not written yet */
  async writeFullParts(source: PartSource): Promise<Part> {
    for (;;) {
      const part = await source.next(this.#nextSize());
      await this.#under;
      if (part.isLast) return part;
      this.written += part.bytes.byteLength;
      this.#under = sendPart(part.bytes, () => this.#writeFull(part.bytes));
      // The next round awaits it and reports the failure; without this handler it would be an unhandled rejection.
      this.#under.catch(() => undefined);
    }
  }

  /** Stores the last bytes. @returns the notes that include them */
  async finish(bytes: Buffer): Promise<UploadNotes> {
    if (bytes.byteLength > 0) return sendPart(bytes, () => this.#writeLast(bytes));
    givePartMemory(bytes);
    return this.#notes;
  }

  /** Aborts the multipart upload that was begun here. After a failure its id is in nobody's notes. */
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
    // A tail means that an object was already at the key.
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
    // Both use the bytes, so wait for both even if one has failed.
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
   * Puts a blob smaller than a part at its own key, only if no object is there. An object there was left by an unacknowledged append; and a stalled
   * request must never change a committed object.
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
