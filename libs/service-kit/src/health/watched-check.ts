import { runLoop } from '../loop/run-loop.ts';

/** Milliseconds; `threshold` failures in a row are a problem. */
export interface Pace {
  readonly interval: number;
  readonly timeout: number;
  readonly threshold: number;
}

/** @param signal aborts when the check has taken too long or nobody waits for it any more */
export type Check = (signal: AbortSignal) => Promise<void>;

/** Asks again and again, so that what depends on the answer need not wait for it. Until the first success there is a problem. */
export class WatchedCheck {
  readonly #check: Check;
  readonly #pace: Pace;
  #failures = 0;
  #problem: Error | undefined = new Error('was not checked yet');

  constructor(check: Check, pace: Pace) {
    this.#check = check;
    this.#pace = pace;
  }

  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    const step = async () => {
      await this.attempt(signal);
      return 'idle' as const;
    };
    // A check that fails is an answer, so no step does.
    return runLoop({ step, interval: this.#pace.interval, signal, failed: () => undefined });
  }

  async attempt(signal: AbortSignal): Promise<void> {
    try {
      await this.#check(AbortSignal.any([signal, AbortSignal.timeout(this.#pace.timeout)]));
      this.#failures = 0;
      this.#problem = undefined;
    } catch (error) {
      this.#failures += 1;
      // Before the first success it stays, and tells more with each attempt.
      if (this.#failures >= this.#pace.threshold || this.#problem !== undefined)
        this.#problem = error instanceof Error ? error : new Error(String(error));
    }
  }

  /** @throws what the last check failed with, when there is a problem */
  async mustHold(): Promise<void> {
    if (this.#problem !== undefined) throw this.#problem;
  }
}
