import { runLoop } from '../loop/run-loop.ts';

/** Milliseconds. `threshold` consecutive failures are a problem. */
export interface Pace {
  readonly interval: number;
  readonly timeout: number;
  readonly threshold: number;
}

/** @param signal aborts if the check takes too long or its result is no longer needed */
export type Check = (signal: AbortSignal) => Promise<void>;

/** Runs a check periodically, so that its users need not wait for the result. Until the first success there is a problem. */
export class WatchedCheck {
  readonly #check: Check;
  readonly #pace: Pace;
  #failures = 0;
  #problem: Error | undefined = new Error('was not checked yet');

  constructor(check: Check, pace: Pace) {
    this.#check = check;
    this.#pace = pace;
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    const step = async () => {
      await this.attempt(signal);
      return 'idle' as const;
    };
    // A failed check is a result, so no step fails.
    return runLoop({ step, interval: this.#pace.interval, signal, failed: () => undefined });
  }

  async attempt(signal: AbortSignal): Promise<void> {
    try {
      await this.#check(AbortSignal.any([signal, AbortSignal.timeout(this.#pace.timeout)]));
      this.#failures = 0;
      this.#problem = undefined;
    } catch (error) {
      this.#failures += 1;
      // Before the first success the problem stays, and each attempt updates it.
      if (this.#failures >= this.#pace.threshold || this.#problem !== undefined)
        this.#problem = error instanceof Error ? error : new Error(String(error));
    }
  }

  /** @throws the error of the last check, if there is a problem */
  async mustHold(): Promise<void> {
    if (this.#problem !== undefined) throw this.#problem;
  }
}
