import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@opentelemetry/api';
import { activeTrace, isTracing, type OpenSpan, spanWithin, untraced, within } from './tracing.ts';

/** The error of one key in a batch that succeeded otherwise. */
export class Failed {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/** The result of `run` for one key: its value or its error. */
export type Settled<V> = V | Failed;

/** More keys wait than the batcher may hold. Nothing was sent. */
export class BatcherFullError extends Error {
  override readonly name = 'BatcherFullError';
}

/** Operations of a running batch. */
export interface Batch<V> {
  /** Aborted when no caller waits for any key of this batch. */
  readonly signal: AbortSignal;
  /** Answers one key early, so that a slow one does not delay it. Ignores a second answer. */
  settle(index: number, answer: Settled<V>): void;
}

export interface BatcherOptions<K, V> {
  /**
   * Answers all keys, in their order. May answer some through `batch.settle` and leave the rest to its result; a key without either is rejected. A
   * rejection fails every key that is still open.
   */
  readonly run: (keys: readonly K[], batch: Batch<V>) => Promise<readonly Settled<V>[] | void>;
  /** Name of the batches' spans. Without it batches have none. */
  readonly span?: string;
  /** Most keys in one batch. */
  readonly maximumKeys: number;
  /** Largest sum of `sizeOf` in one batch. A larger key gets a batch of its own. */
  readonly maximumBytes?: number;
  readonly sizeOf?: (key: K) => number;
  /** Most batches that run concurrently. Further keys gather meanwhile. */
  readonly inFlight: number;
  /** Most waiting keys; beyond it `get` rejects with `BatcherFullError`. Default 10,000. */
  readonly maximumWaiting?: number;
}

export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the caller no longer wants the answer. */
  readonly deadlineMs?: number | undefined;
}

interface Item<K, V> {
  readonly key: K;
  readonly size: number;
  /** The caller's trace, if batches have spans. */
  readonly trace: Context | undefined;
  open: boolean;
  flight: Flight | undefined;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
  release: (() => void) | undefined;
}

interface Flight {
  open: number;
  controller: AbortController | undefined;
}

/**
 * Collects the keys of one event-loop turn and answers them with one call.
 *
 * There is no timer: the batch leaves at the end of the turn, so an idle system sends a batch of one. While `inFlight` batches run, keys gather and
 * leave together when one ends. Each key keeps its own deadline, AbortSignal and error; it rejects with the signal's reason, with a `TimeoutError`
 * DOMException, or with the error from `run`. `run` executes in the async context of the batcher's creation, but in no trace except that of the batch.
 */
export class Batcher<K, V> {
  readonly #options: BatcherOptions<K, V>;
  readonly #maximumWaiting: number;
  readonly #outside = untraced(() => AsyncLocalStorage.snapshot());
  #queue: Item<K, V>[] = [];
  #head = 0;
  #waiting = 0;
  #running = 0;
  #scheduled = false;

  constructor(options: BatcherOptions<K, V>) {
    if (options.maximumKeys < 1 || options.inFlight < 1) {
      throw new RangeError('a batcher needs room for one key and one batch');
    }
    this.#options = options;
    this.#maximumWaiting = options.maximumWaiting ?? 10_000;
  }

  /** Number of keys that wait for a batch. */
  get waiting(): number {
    return this.#waiting;
  }

  get(key: K, { signal, deadlineMs }: GetOptions = {}): Promise<V> {
    return new Promise<V>((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#waiting >= this.#maximumWaiting) {
        throw new BatcherFullError(`${this.#waiting} keys wait already`);
      }
      const size = this.#options.sizeOf?.(key) ?? 0;
      const item: Item<K, V> = {
        key,
        size,
        trace: this.#options.span === undefined ? undefined : activeTrace(),
        open: true,
        flight: undefined,
        resolve,
        reject,
        release: undefined,
      };
      if (signal !== undefined || deadlineMs !== undefined) this.#watch(item, signal, deadlineMs);
      this.#queue.push(item);
      this.#waiting += 1;
      this.#schedule();
    });
  }

  #watch(item: Item<K, V>, signal: AbortSignal | undefined, deadlineMs: number | undefined): void {
    const aborted = () => this.#abandon(item, signal?.reason);
    const late = () => this.#abandon(item, new DOMException('the deadline is over', 'TimeoutError'));
    const timer = deadlineMs === undefined ? undefined : setTimeout(late, Math.max(0, deadlineMs));
    signal?.addEventListener('abort', aborted, { once: true });
    item.release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
  }

  #abandon(item: Item<K, V>, reason: unknown): void {
    if (!this.#close(item)) return;
    if (item.flight === undefined) {
      this.#waiting -= 1;
      // Bounds the queue when callers come and go behind a stuck batch.
      if (this.#queue.length > 2 * this.#waiting + 1024) this.#compact();
    } else if (item.flight.open === 0) item.flight.controller?.abort(reason);
    item.reject(reason);
  }

  #compact(): void {
    this.#queue = this.#queue.slice(this.#head).filter((item) => item.open);
    this.#head = 0;
  }

  #close(item: Item<K, V>): boolean {
    if (!item.open) return false;
    item.open = false;
    item.release?.();
    if (item.flight !== undefined) item.flight.open -= 1;
    return true;
  }

  #settle(item: Item<K, V>, answer: Settled<V>): void {
    if (!this.#close(item)) return;
    if (answer instanceof Failed) item.reject(answer.error);
    else item.resolve(answer);
  }

  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#options.inFlight) return;
    this.#scheduled = true;
    // Sockets that became readable in one turn are all read before the check phase, where immediates run;
    // a microtask would run after the first of them.
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#running < this.#options.inFlight && this.#waiting > 0) void this.#send(this.#take());
    });
  }

  #take(): Item<K, V>[] {
    const { maximumKeys, maximumBytes = Infinity } = this.#options;
    const items: Item<K, V>[] = [];
    let bytes = 0;
    for (; this.#head < this.#queue.length && items.length < maximumKeys; this.#head += 1) {
      const item = this.#queue[this.#head];
      if (item === undefined || !item.open) continue;
      if (items.length > 0 && bytes + item.size > maximumBytes) break;
      bytes += item.size;
      items.push(item);
    }
    this.#waiting -= items.length;
    if (this.#waiting === 0 || this.#head > 1024) this.#compact();
    return items;
  }

  async #send(items: readonly Item<K, V>[]): Promise<void> {
    const flight: Flight = { open: items.length, controller: undefined };
    for (const item of items) item.flight = flight;
    const batch: Batch<V> = {
      get signal() {
        flight.controller ??= new AbortController();
        return flight.controller.signal;
      },
      settle: (index, answer) => {
        const item = items[index];
        if (item !== undefined) this.#settle(item, answer);
      },
    };
    this.#running += 1;
    try {
      const keys = items.map((item) => item.key);
      const run = () => this.#options.run(keys, batch);
      const answers = await this.#outside(() => within(this.#spanOf(items), run));
      this.#conclude(items, answers ?? []);
    } catch (error) {
      for (const item of items) this.#settle(item, new Failed(error));
    } finally {
      this.#running -= 1;
      if (this.#waiting > 0) this.#schedule();
    }
  }

  /** A batch belongs to the first trace that asked for one of its keys, and links to the others. */
  #spanOf(items: readonly Item<K, V>[]): OpenSpan | undefined {
    const { span } = this.#options;
    if (span === undefined || !isTracing()) return undefined;
    const [first, ...others] = new Set(items.flatMap(({ trace }) => trace ?? []));
    const attributes = { 'longshore.batch.keys': items.length };
    return spanWithin(first, span, { kind: 'client', attributes }, others);
  }

  #conclude(items: readonly Item<K, V>[], answers: readonly Settled<V>[]): void {
    if (answers.length === items.length) {
      for (const [index, answer] of answers.entries()) {
        const item = items[index];
        if (item !== undefined) this.#settle(item, answer);
      }
      return;
    }
    const count = `a batch of ${items.length} keys has ${answers.length} answers`;
    for (const item of items) {
      if (item.open) this.#settle(item, new Failed(new Error(count)));
    }
  }
}
