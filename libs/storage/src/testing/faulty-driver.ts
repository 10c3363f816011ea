import { Readable } from 'node:stream';
import type { ObjectKey } from '../object-key.ts';
import {
  type Appended,
  type CallOptions,
  type DeleteResult,
  type Leftover,
  type ListOptions,
  type ObjectStat,
  type ReadOptions,
  type RedirectOptions,
  StorageDriver,
  type Upload,
} from '../storage-driver.ts';
import type { StorageError } from '../storage-error.ts';
import type { StoreSpace } from '../store-space.ts';

export type DriverMethod =
  'stat' | 'read' | 'put' | 'append' | 'commit' | 'abort' | 'delete' | 'list' | 'redirect' | 'check';

/**
 * The fault that one call meets:
 *
 * - `fail`: the call rejects, either `before` it does anything or `after` it has done everything and only the answer is lost
 * - `stall`: the call does not answer until `release()` or its signal; with `afterBytes`, a read or an append stops midway
 * - `truncate`: a read ends without an error after this many bytes; a stat is not affected
 * - `break`: a read, or the store of an append, fails after this many bytes
 * - `lie`: a stat or an append reports a size that is off by this many bytes
 */
export type Fault =
  | { readonly kind: 'fail'; readonly error: StorageError; readonly when: 'before' | 'after' }
  | { readonly kind: 'stall'; readonly afterBytes?: number }
  | { readonly kind: 'truncate'; readonly bytes: number }
  | { readonly kind: 'break'; readonly error: StorageError; readonly bytes: number }
  | { readonly kind: 'lie'; readonly bytes: number };

interface Planned {
  readonly method: DriverMethod;
  readonly fault: Fault;
  /** Counted from the time of the plan; 1 is the next call. */
  callsUntil: number;
  times: number;
}

/** Wraps a driver and injects the planned faults. Calls without a fault pass through. */
export class FaultyDriver extends StorageDriver {
  readonly #driver: StorageDriver;
  readonly #plan: Planned[] = [];
  readonly #calls = new Map<DriverMethod, number>();
  #stalled = Promise.withResolvers<void>();

  constructor(driver: StorageDriver) {
    super();
    this.#driver = driver;
  }

  override get name(): string {
    return this.#driver.name;
  }

  override get capabilities(): StorageDriver['capabilities'] {
    return this.#driver.capabilities;
  }

  /** Returns how many calls of a method were made, for tests that count requests to the store. */
  calls(method: DriverMethod): number {
    return this.#calls.get(method) ?? 0;
  }

  /** Makes the nth call of a method, counted from now, meet a fault, and the calls after it too, `times` in all (1 by default). */
  onNth(method: DriverMethod, nth: number, fault: Fault, times = 1): this {
    this.#plan.push({ method, fault, callsUntil: nth, times });
    return this;
  }

  failNth(method: DriverMethod, nth: number, error: StorageError): this {
    return this.onNth(method, nth, { kind: 'fail', error, when: 'before' });
  }

  /** Makes every call of the method fail until `heal`. */
  failAll(method: DriverMethod, error: StorageError): this {
    return this.onNth(method, 1, { kind: 'fail', error, when: 'before' }, Infinity);
  }

  /** Forgets the planned faults. */
  heal(): void {
    this.#plan.length = 0;
    this.release();
  }

  /** Lets every stalled call continue. */
  release(): void {
    this.#stalled.resolve();
    this.#stalled = Promise.withResolvers();
  }

  override async stat(key: ObjectKey, options: CallOptions = {}): Promise<ObjectStat> {
    return this.#meeting('stat', options, async (fault) => {
      const found = await this.#driver.stat(key, options);
      return fault?.kind === 'lie' ? { ...found, size: found.size + fault.bytes } : found;
    });
  }

  override read(key: ObjectKey, options: ReadOptions = {}): Promise<Readable> {
    return this.#meeting('read', options, async (fault) => {
      const stream = await this.#driver.read(key, options);
      if (fault === undefined) return stream;
      return Readable.from(this.#faulty(stream, fault, options), { objectMode: false });
    });
  }

  override put(key: ObjectKey, bytes: Uint8Array, options: CallOptions = {}): Promise<void> {
    return this.#meeting('put', options, () => this.#driver.put(key, bytes, options));
  }

  override append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    options: CallOptions = {},
  ): Promise<Appended> {
    return this.#meeting('append', options, async (fault) => {
      if (fault === undefined) return this.#driver.append(upload, source, options);
      const appended = await this.#driver.append(upload, this.#faulty(source, fault, options), options);
      // The wrapped driver sees the injected failure as the source's; the caller must see it as the store's.
      if (fault.kind === 'break' && appended.interrupted === fault.error) throw fault.error;
      return fault.kind === 'lie' ? { ...appended, offset: appended.offset + fault.bytes } : appended;
    });
  }

  override commit(upload: Upload, finalKey: ObjectKey): Promise<void> {
    return this.#meeting('commit', {}, () => this.#driver.commit(upload, finalKey));
  }

  override abort(key: ObjectKey): Promise<void> {
    return this.#meeting('abort', {}, () => this.#driver.abort(key));
  }

  override delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    return this.#meeting('delete', {}, () => this.#driver.delete(keys));
  }

  override async *list(prefix: string, options: ListOptions = {}): AsyncIterable<ObjectStat> {
    yield* await this.#meeting('list', options, () => Promise.resolve(this.#driver.list(prefix, options)));
  }

  override leftovers(options: CallOptions = {}): AsyncIterable<Leftover> {
    return this.#driver.leftovers(options);
  }

  override clear(key: ObjectKey): Promise<void> {
    return this.#driver.clear(key);
  }

  override redirect(key: ObjectKey, options: RedirectOptions): Promise<string | undefined> {
    return this.#meeting('redirect', options, () => this.#driver.redirect(key, options));
  }

  override check(options: CallOptions = {}): Promise<void> {
    return this.#meeting('check', options, () => this.#driver.check(options));
  }

  override space(options: CallOptions = {}): Promise<StoreSpace | undefined> {
    return this.#driver.space(options);
  }

  override close(): Promise<void> {
    return this.#driver.close();
  }

  async #meeting<T>(
    method: DriverMethod,
    { signal }: CallOptions,
    call: (fault: Fault | undefined) => Promise<T>,
  ): Promise<T> {
    const fault = this.#next(method);
    if (fault?.kind === 'fail' && fault.when === 'before') throw fault.error;
    if (fault?.kind === 'stall' && fault.afterBytes === undefined) await this.#stall(signal);
    const answer = await call(fault);
    if (fault?.kind === 'fail') throw fault.error;
    return answer;
  }

  #next(method: DriverMethod): Fault | undefined {
    this.#calls.set(method, this.calls(method) + 1);
    const plans = this.#plan.filter((planned) => planned.method === method);
    for (const planned of plans) planned.callsUntil--;
    const due = plans.find(({ callsUntil, times }) => callsUntil <= 0 && times > 0);
    if (due !== undefined) due.times--;
    return due?.fault;
  }

  async #stall(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#stalled.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async *#faulty(
    source: AsyncIterable<Uint8Array>,
    fault: Fault,
    { signal }: CallOptions,
  ): AsyncGenerator<Uint8Array> {
    let left = bytesBefore(fault);
    for await (const chunk of source) {
      const part = chunk.subarray(0, Math.min(chunk.byteLength, left));
      left -= part.byteLength;
      if (part.byteLength > 0) yield part;
      if (left > 0) continue;
      if (fault.kind === 'truncate') return;
      if (fault.kind === 'break') throw fault.error;
      await this.#stall(signal);
      left = Infinity;
      yield chunk.subarray(part.byteLength);
    }
  }
}

/** Returns the number of bytes that a stream passes before its fault. */
function bytesBefore(fault: Fault): number {
  switch (fault.kind) {
    case 'truncate':
    case 'break':
      return fault.bytes;
    case 'stall':
      return fault.afterBytes ?? Infinity;
    case 'fail':
    case 'lie':
      return Infinity;
  }
}
