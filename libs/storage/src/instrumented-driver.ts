import type { Readable } from 'node:stream';
import { isObjectKey, type ObjectKey, objectKey } from './object-key.ts';
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
} from './storage-driver.ts';
import type { StoreSpace } from './store-space.ts';
import type { RedirectStep } from './redirect-step.ts';
import { StorageError, type StorageErrorKind, storageErrorKinds } from './storage-error.ts';

/** The steps that change where clients are redirected. */
export interface Redirects {
  readonly steps: readonly RedirectStep[];
  /** The root directory of the driver, without slashes around it. */
  readonly root: string;
}

/** The actions that are timed: a closed set. */
export const storageActions = [
  'stat',
  'read',
  'put',
  'append',
  'commit',
  'abort',
  'delete',
  'list',
  'redirect',
  'check',
] as const;
export type StorageAction = (typeof storageActions)[number];

/** `aborted` is the caller's doing, `interrupted` the source's. Every other outcome except `ok` is the store's. */
export const storageOutcomes = ['ok', 'interrupted', 'aborted', ...storageErrorKinds] as const;
export type StorageOutcome = (typeof storageOutcomes)[number];

/** Called once, when an action has ended. Must not throw. */
export type ActionEnded = (seconds: number, outcome: StorageOutcome) => void;

/**
 * Called when an action begins; the function that it returns is called when the action ends. A list ends with its last entry, and a read with its
 * last byte, or when the consumer goes away. A read that finds no object ends at once. Must not throw.
 */
export type ObserveAction = (action: StorageAction) => ActionEnded;

/**
 * The wrapper around every driver. It checks the arguments that no type can prove, turns every failure into a StorageError, and times every action.
 */
export class InstrumentedDriver extends StorageDriver {
  readonly #driver: StorageDriver;
  readonly #observe: ObserveAction;

  readonly #redirects: Redirects;

  constructor(
    driver: StorageDriver,
    observe: ObserveAction = () => () => undefined,
    redirects: Redirects = { steps: [], root: '' },
  ) {
    super();
    this.#driver = driver;
    this.#observe = observe;
    this.#redirects = redirects;
  }

  override get name(): string {
    return this.#driver.name;
  }

  override get capabilities(): StorageDriver['capabilities'] {
    const { capabilities } = this.#driver;
    return this.#redirects.steps.length === 0 ? capabilities : { ...capabilities, redirects: true };
  }

  override stat(key: ObjectKey, options: CallOptions = {}): Promise<ObjectStat> {
    return this.#timed('stat', options, () => this.#driver.stat(this.#key(key), options));
  }

  override async read(key: ObjectKey, options: ReadOptions = {}): Promise<Readable> {
    const report = this.#begin('read');
    try {
      options.signal?.throwIfAborted();
      this.#checkRange(this.#key(key), options);
      const stream = await this.#driver.read(key, options);
      stream.once('close', () => report(this.#readOutcome(stream, options)));
      return stream;
    } catch (error) {
      const failure = this.#failure(error, options);
      report(failure.outcome);
      throw failure.error;
    }
  }

  override put(key: ObjectKey, bytes: Uint8Array, options: CallOptions = {}): Promise<void> {
    return this.#timed('put', options, () => this.#driver.put(this.#key(key), bytes, options));
  }

  override append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    options: CallOptions = {},
  ): Promise<Appended> {
    return this.#timed('append', options, () => {
      this.#checkUpload(upload);
      return this.#driver.append(upload, source, options);
    });
  }

  override commit(upload: Upload, finalKey: ObjectKey): Promise<void> {
    return this.#timed('commit', {}, () => {
      this.#checkUpload(upload);
      if (!this.capabilities.renames && this.#key(finalKey) !== upload.key)
        throw this.#invalid('invalid-path', finalKey, 'this driver does not rename');
      return this.#driver.commit(upload, this.#key(finalKey));
    });
  }

  override abort(key: ObjectKey): Promise<void> {
    return this.#timed('abort', {}, () => this.#driver.abort(this.#key(key)));
  }

  override delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    return this.#timed('delete', {}, () => this.#driver.delete(keys.map((key) => this.#key(key))));
  }

  override list(prefix: string, options: ListOptions = {}): AsyncIterable<ObjectStat> {
    return this.#listed(options, () => this.#driver.list(prefix, options));
  }

  override leftovers(options: CallOptions = {}): AsyncIterable<Leftover> {
    return this.#listed(options, () => this.#driver.leftovers(options));
  }

  override clear(key: ObjectKey): Promise<void> {
    return this.#timed('delete', {}, () => this.#driver.clear(this.#key(key)));
  }

  override redirect(key: ObjectKey, options: RedirectOptions): Promise<string | undefined> {
    return this.#timed('redirect', options, async () => {
      const { steps, root } = this.#redirects;
      const path = root === '' ? this.#key(key) : `${root}/${this.#key(key)}`;
      let url = this.#driver.capabilities.redirects ? await this.#driver.redirect(key, options) : undefined;
      for (const step of steps) url = await step({ ...options, path, url });
      return url;
    });
  }

  override check(options: CallOptions = {}): Promise<void> {
    return this.#timed('check', options, () => this.#driver.check(options));
  }

  override async space(options: CallOptions = {}): Promise<StoreSpace | undefined> {
    // A driver that was built against an older copy of the package may lack this method.
    return 'space' in this.#driver ? this.#driver.space(options) : undefined;
  }

  override close(): Promise<void> {
    return this.#driver.close();
  }

  async *#listed<T>(options: CallOptions, list: () => AsyncIterable<T>): AsyncGenerator<T> {
    const report = this.#begin('list');
    let outcome: StorageOutcome = 'ok';
    try {
      options.signal?.throwIfAborted();
      for await (const found of list()) {
        options.signal?.throwIfAborted();
        yield found;
      }
    } catch (error) {
      const failure = this.#failure(error, options);
      ({ outcome } = failure);
      throw failure.error;
    } finally {
      report(outcome);
    }
  }

  async #timed<T>(action: StorageAction, options: CallOptions, call: () => Promise<T>): Promise<T> {
    const report = this.#begin(action);
    try {
      options.signal?.throwIfAborted();
      const answer = await call();
      report(wasInterrupted(answer) ? 'interrupted' : 'ok');
      return answer;
    } catch (error) {
      const failure = this.#failure(error, options);
      report(failure.outcome);
      throw failure.error;
    }
  }

  #begin(action: StorageAction): (outcome: StorageOutcome) => void {
    const ended = this.#observe(action);
    const began = performance.now();
    return (outcome) => ended((performance.now() - began) / 1000, outcome);
  }

  /** Returns the outcome of a closed stream. If it closed early without an error of the driver, its reader went away. */
  #readOutcome(stream: Readable, options: CallOptions): StorageOutcome {
    if (stream.readableEnded) return 'ok';
    const error = stream.errored;
    const isDriversOwn = error instanceof StorageError || options.signal?.aborted === true;
    return error !== null && isDriversOwn ? this.#failure(error, options).outcome : 'aborted';
  }

  /** Turns any error into a StorageError. An error that the driver did not translate counts as the store's failure and becomes the cause. */
  #failure(error: unknown, { signal }: CallOptions): { error: unknown; outcome: StorageOutcome } {
    if (error instanceof StorageError) return { error, outcome: error.kind };
    if (signal?.aborted === true) return { error: signal.reason, outcome: 'aborted' };
    const unnamed = new StorageError('unavailable', { driver: this.name, cause: error });
    return { error: unnamed, outcome: unnamed.kind };
  }

  /** Checks the key: the brand only proves what the compiler of the caller checked. */
  #key(key: string): ObjectKey {
    return isObjectKey(key) ? key : objectKey(key, this.name);
  }

  #checkUpload({ key, offset }: Upload): void {
    this.#key(key);
    if (!isPosition(offset)) throw this.#invalid('invalid-range', key, `the offset ${offset} is none`);
  }

  #checkRange(key: ObjectKey, { start = 0, end }: ReadOptions): void {
    if (!isPosition(start) || (end !== undefined && (!isPosition(end) || end < start)))
      throw this.#invalid('invalid-range', key, `${start}-${end ?? ''} is no range`);
  }

  #invalid(kind: StorageErrorKind, key: string, reason: string): StorageError {
    return new StorageError(kind, { driver: this.name, key, reason });
  }
}

function isPosition(at: number): boolean {
  return Number.isSafeInteger(at) && at >= 0;
}

function wasInterrupted(answer: unknown): boolean {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'interrupted' in answer &&
    answer.interrupted !== undefined
  );
}
