import { FetchBudget } from './fetch-budget.ts';
import { type KeySet, KeySource } from './key-source.ts';

/** Short, since each verifier has a longer limit of its own: one that asks just after another waits no longer than this for a new key. */
const limit = { window: 2000, fetches: 1 };

export interface HeldKeysOptions {
  /** Is told of the first failure after a success. */
  readonly complain: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Keys of a remote source for many verifiers: it is asked at most every two seconds, however many of them ask. While it is away they get its last keys, marked
 * as stale.
 */
export class HeldKeys extends KeySource {
  readonly #source: KeySource;
  readonly #complain: (error: unknown) => void;
  readonly #budget: FetchBudget;
  #held: KeySet | undefined;
  #isAway = false;

  constructor(source: KeySource, { complain, now = Date.now }: HeldKeysOptions) {
    super();
    this.#source = source;
    this.#complain = complain;
    this.#budget = new FetchBudget(limit, now);
  }

  /** @throws the source's error if it never answered */
  override async keys(): Promise<KeySet> {
    try {
      await this.#budget.spend(() => this.#fetch());
    } catch (error) {
      if (this.#held === undefined) throw error;
      return { ...this.#held, stale: true };
    }
    return this.#held ?? { keys: [] };
  }

  async #fetch(): Promise<void> {
    try {
      this.#held = await this.#source.keys();
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) this.#complain(error);
      this.#isAway = true;
      throw error;
    }
  }
}
