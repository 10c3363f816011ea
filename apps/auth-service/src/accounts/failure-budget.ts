import { RecentMap } from '@longshore/authorization';

export interface BudgetOptions {
  /** Failures at once. */
  readonly burst: number;
  /** After so long one more is allowed. Milliseconds. */
  readonly interval: number;
  /** Keys that are remembered. */
  readonly keys: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** How many failures each key may still have: a token bucket, kept as the time at which it is full again (GCRA). */
export class FailureBudget {
  readonly #options: BudgetOptions;
  readonly #fullAt: RecentMap<string, number>;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#fullAt = new RecentMap(options.keys);
  }

  /** Milliseconds until a failure is allowed; 0 when it is now. */
  wait(key: string): number {
    const { burst, interval, now } = this.#options;
    return Math.max(0, (this.#fullAt.get(key) ?? 0) - now() - (burst - 1) * interval);
  }

  take(key: string): void {
    const { interval, now } = this.#options;
    this.#fullAt.set(key, Math.max(now(), this.#fullAt.get(key) ?? 0) + interval);
  }

  giveBack(key: string): void {
    const fullAt = this.#fullAt.get(key);
    if (fullAt !== undefined) this.#fullAt.set(key, fullAt - this.#options.interval);
  }

  clear(key: string): void {
    this.#fullAt.delete(key);
  }
}
