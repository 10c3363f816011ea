import { CallRate } from './call-rate.ts';
import { Semaphore } from './semaphore.ts';
import { pause } from './pause.ts';
import { StorageError, type StorageErrorKind } from '@longshore/storage';

/** Limits and retries of a driver's calls to its store. Times are in milliseconds. */
export interface CallPolicy {
  /** Attempts after the first. */
  readonly retries: number;
  /** The n-th retry waits a random time up to `firstDelay × 2ⁿ⁻¹` ("full jitter"), and never longer than `longestDelay`. */
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** Time after the start of the call in which a retry may begin. */
  readonly budget: number;
  /** Concurrent calls of this process; further calls wait. */
  readonly concurrency: number;
  /** Undefined means no limit. */
  readonly callsPerSecond?: number | undefined;
}

export const usualPolicy: CallPolicy = {
  retries: 5,
  firstDelay: 100,
  longestDelay: 5_000,
  budget: 20_000,
  concurrency: 100,
};

/** Translates a store's own failure into a StorageError. */
export type Classify = (error: unknown, key: string | undefined) => StorageError;

export interface CallScope {
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const passing: readonly StorageErrorKind[] = ['throttled', 'unavailable'];

/**
 * Runs a driver's calls to its store. It limits concurrent calls and calls per second, and retries temporary failures with exponential backoff and
 * full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"). Calls must be idempotent.
 */
export class StoreCalls {
  readonly #policy: CallPolicy;
  readonly #classify: Classify;
  readonly #semaphore: Semaphore;
  readonly #rate: CallRate | undefined;

  constructor(policy: CallPolicy, classify: Classify) {
    this.#policy = policy;
    this.#classify = classify;
    this.#semaphore = new Semaphore(policy.concurrency);
    this.#rate = policy.callsPerSecond === undefined ? undefined : new CallRate(policy.callsPerSecond);
  }

  /** @throws StorageError; the signal's reason if it is aborted */
  async run<T>(scope: CallScope, call: () => Promise<T>): Promise<T> {
    const began = performance.now();
    for (let retry = 1; ; retry++) {
      try {
        return await this.#once(scope, call);
      } catch (error) {
        scope.signal?.throwIfAborted();
        const failure = this.failure(error, scope.key);
        const delay = this.#delay(retry, failure);
        const isLate = performance.now() + delay > began + this.#policy.budget;
        if (!passing.includes(failure.kind) || retry > this.#policy.retries || isLate) throw failure;
        await pause(delay, scope.signal);
      }
    }
  }

  /** Translates the store's failure into a StorageError. */
  failure(error: unknown, key?: string): StorageError {
    return error instanceof StorageError ? error : this.#classify(error, key);
  }

  async #once<T>({ signal }: CallScope, call: () => Promise<T>): Promise<T> {
    await this.#semaphore.enter({ signal });
    try {
      await this.#rate?.take(signal);
      return await call();
    } finally {
      this.#semaphore.leave();
    }
  }

  #delay(retry: number, { retryAfterSeconds }: StorageError): number {
    const { firstDelay, longestDelay } = this.#policy;
    const backoff = Math.random() * Math.min(longestDelay, firstDelay * 2 ** (retry - 1));
    return Math.max(backoff, (retryAfterSeconds ?? 0) * 1000);
  }
}
