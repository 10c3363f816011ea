import type { Readable } from 'node:stream';
import {
  type Appended,
  type CallOptions,
  type DeleteResult,
  type DriverCapabilities,
  isAbsent,
  type Leftover,
  type ListOptions,
  type ObjectKey,
  type ObjectStat,
  type ReadOptions,
  type RedirectOptions,
  StorageDriver,
  type StoreSpace,
  type Upload,
} from '@longshore/storage';

/**
 * Combines a store with the one that the registry is moving away from. Objects missing from the first are read from the second. Writes go to the
 * first, and deletions to both. An upload that began in the second cannot continue in the first; its client starts over.
 */
export class FallbackDriver extends StorageDriver {
  readonly #first: StorageDriver;
  readonly #second: StorageDriver;

  constructor(first: StorageDriver, second: StorageDriver) {
    super();
    this.#first = first;
    this.#second = second;
  }

  override get name(): string {
    return this.#first.name;
  }

  override get capabilities(): DriverCapabilities {
    const { capabilities } = this.#first;
    return { ...capabilities, redirects: capabilities.redirects || this.#second.capabilities.redirects };
  }

  override stat(key: ObjectKey, options?: CallOptions): Promise<ObjectStat> {
    return this.#either((driver) => driver.stat(key, options));
  }

  override read(key: ObjectKey, options?: ReadOptions): Promise<Readable> {
    return this.#either((driver) => driver.read(key, options));
  }

  override put(key: ObjectKey, bytes: Uint8Array, options?: CallOptions): Promise<void> {
    return this.#first.put(key, bytes, options);
  }

  override append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Promise<Appended> {
    return this.#first.append(upload, source, options);
  }

  override commit(upload: Upload, finalKey: ObjectKey): Promise<void> {
    return this.#first.commit(upload, finalKey);
  }

  override async abort(key: ObjectKey): Promise<void> {
    await Promise.all([this.#first.abort(key), this.#second.abort(key)]);
  }

  override async delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    const [first, second] = await Promise.all([this.#first.delete(keys), this.#second.delete(keys)]);
    const failed = new Map([...second.failed, ...first.failed].map((failure) => [failure.key, failure]));
    return { gone: first.gone.filter((key) => !failed.has(key)), failed: [...failed.values()] };
  }

  /** Merges both lists in one order. An object in both is listed once. */
  override async *list(prefix: string, options?: ListOptions): AsyncGenerator<ObjectStat> {
    const first = this.#first.list(prefix, options)[Symbol.asyncIterator]();
    const second = this.#second.list(prefix, options)[Symbol.asyncIterator]();
    try {
      let [one, two] = await Promise.all([first.next(), second.next()]);
      while (one.done !== true || two.done !== true) {
        const [oneKey, twoKey] = [keyOf(one), keyOf(two)];
        const isFirst = twoKey === undefined || (oneKey !== undefined && oneKey <= twoKey);
        const next: ObjectStat | undefined = isFirst ? one.value : two.value;
        if (next !== undefined) yield next;
        if (oneKey === twoKey || !isFirst) two = await second.next();
        if (isFirst) one = await first.next();
      }
    } finally {
      await Promise.all([first.return?.(), second.return?.()]);
    }
  }

  override async *leftovers(options?: CallOptions): AsyncGenerator<Leftover> {
    yield* this.#first.leftovers(options);
    yield* this.#second.leftovers(options);
  }

  override async clear(key: ObjectKey): Promise<void> {
    await Promise.all([this.#first.clear(key), this.#second.clear(key)]);
  }

  /** Redirects to the store that has the object: the first one would also sign a URL for an object that it does not have. */
  override redirect(key: ObjectKey, options: RedirectOptions): Promise<string | undefined> {
    return this.#either(async (driver) => {
      await driver.stat(key, options);
      return driver.capabilities.redirects ? driver.redirect(key, options) : undefined;
    });
  }

  override async check(options?: CallOptions): Promise<void> {
    await Promise.all([this.#first.check(options), this.#second.check(options)]);
  }

  /** Returns the space of the first store, which takes all writes. */
  override space(options?: CallOptions): Promise<StoreSpace | undefined> {
    return this.#first.space(options);
  }

  override async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()]);
  }

  async #either<T>(ask: (driver: StorageDriver) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#first);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      return ask(this.#second);
    }
  }
}

function keyOf(result: IteratorResult<ObjectStat, unknown>): string | undefined {
  return result.done === true ? undefined : result.value.key;
}
