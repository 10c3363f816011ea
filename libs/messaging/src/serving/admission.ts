import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServingLimits } from '../request.ts';
import type { Call } from './call.ts';

/** Milliseconds that a closing bus waits for running handlers before it aborts them. */
const drainMs = 25_000;

const defaultLimits: ServingLimits = { concurrency: 256, queue: 1024 };

/** Limits the running and waiting calls of one contract in this process. */
export class Admission {
  readonly #limits: ServingLimits;
  readonly #queue = new Map<Call, () => Promise<void>>();
  readonly #running = new Set<Call>();
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(limits: ServingLimits = defaultLimits) {
    this.#limits = limits;
  }

  /**
   * Starts `work` now or when there is room. Returns false if the queue is full; then `work` never runs. Drops work whose call is over when its turn
   * comes. `work` must not reject.
   */
  admit(call: Call, work: () => Promise<void>): boolean {
    if (this.#running.size < this.#limits.concurrency) {
      void this.#run(call, work);
      return true;
    }
    if (this.#queue.size >= this.#limits.queue) this.#dropOver();
    if (this.#queue.size >= this.#limits.queue) return false;
    // Without the binding, it would run in the async context and trace of the call that made room for it.
    this.#queue.set(call, AsyncLocalStorage.bind(work));
    return true;
  }

  /** Resolves when nothing runs or waits. Cancels everything that is left after 25 seconds. */
  async drained(): Promise<void> {
    if (this.#running.size === 0) return;
    const cut = setTimeout(() => this.#cancelAll(), drainMs);
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
    clearTimeout(cut);
  }

  async #run(call: Call, work: () => Promise<void>): Promise<void> {
    this.#running.add(call);
    try {
      await work();
    } finally {
      call.end();
      this.#running.delete(call);
      this.#next();
    }
  }

  #next(): void {
    for (const [call, work] of this.#queue) {
      if (call.over) {
        this.#drop(call);
        continue;
      }
      this.#queue.delete(call);
      void this.#run(call, work);
      return;
    }
    if (this.#running.size === 0) this.#idle?.resolve();
  }

  #dropOver(): void {
    for (const call of this.#queue.keys()) if (call.over) this.#drop(call);
  }

  #drop(call: Call): void {
    this.#queue.delete(call);
    call.end();
  }

  #cancelAll(): void {
    for (const call of this.#queue.keys()) this.#drop(call);
    for (const call of this.#running) call.cancel(new Error('the bus is closing'));
  }
}
