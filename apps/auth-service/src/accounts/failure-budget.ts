import { RecentMap } from '@longshore/authorization';

export interface BudgetOptions {
  /** What may be used up in one burst. */
  readonly burst: number;
  /** Milliseconds until one more is allowed. */
  readonly interval: number;
  /** Most keys remembered. */
  readonly keys: number;
  /** Returns the time in milliseconds. */
  readonly now: () => number;
}

/** Limits what failures of each key use up, in their number or in their work: a token bucket, stored as the time at which it is full again (GCRA). */
export class FailureBudget {
  readonly #options: BudgetOptions;
  readonly #fullAt: RecentMap<string, number>;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#fullAt = new RecentMap(options.keys);
  }

  /** Returns the milliseconds until one more is allowed; 0 if it is allowed now. */
  wait(key: string): number {
    const { burst, interval, now } = this.#options;
    return Math.max(0, (this.#fullAt.get(key) ?? 0) - now() - (burst - 1) * interval);
  }

  /** @param amount may exceed what is left; the key waits longer then */
  take(key: string, amount = 1): void {
    const { interval, now } = this.#options;
    this.#fullAt.set(key, Math.max(now(), this.#fullAt.get(key) ?? 0) + amount * interval);
  }

  giveBack(key: string): void {
    const fullAt = this.#fullAt.get(key);
    if (fullAt !== undefined) this.#fullAt.set(key, fullAt - this.#options.interval);
  }

  clear(key: string): void {
    this.#fullAt.delete(key);
  }
}
