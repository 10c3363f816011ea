export interface FetchLimit {
  /** Milliseconds. */
  readonly window: number;
  /** Most fetches that succeed within a window. */
  readonly fetches: number;
}

/** Milliseconds until a source that failed is asked again. */
const pauseAfterFailure = 1000;

/** Limits how often a source of keys is asked. Concurrent callers share one fetch. */
export class FetchBudget {
  readonly #limit: FetchLimit;
  readonly #now: () => number;
  #fetches: number[] = [];
  #failure: { readonly at: number; readonly error: unknown } | undefined;
  #fetching: Promise<void> | undefined;

  constructor(limit: FetchLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /**
   * Runs the fetch, unless the window is used up. A failure does not use it up; otherwise a registry that starts before its issuer would refuse tokens
   * for the whole window.
   * @throws the error of the fetch, and for a second that of the last one
   */
  spend(fetch: () => Promise<void>): Promise<void> {
    this.#fetching ??= this.#spend(fetch).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #spend(fetch: () => Promise<void>): Promise<void> {
    const now = this.#now();
    const { window, fetches } = this.#limit;
    if (this.#failure !== undefined && now - this.#failure.at < pauseAfterFailure) throw this.#failure.error;
    this.#fetches = this.#fetches.filter((at) => now - at < window);
    if (this.#fetches.length >= fetches) return;
    try {
      await fetch();
      this.#fetches.push(now);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { at: now, error };
      throw error;
    }
  }
}
