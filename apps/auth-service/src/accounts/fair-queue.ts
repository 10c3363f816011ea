interface Entry<T> {
  readonly item: T;
  readonly flows: readonly string[];
  readonly start: number;
}

/**
 * A bounded queue of many flows. The item whose flows were served least goes first (start-time fair queueing, Goyal and others 1996, with items of
 * equal cost). A flow with many items waits behind itself, and a new flow waits for none of them.
 */
export class FairQueue<T> {
  readonly #maximum: number;
  readonly #entries: Entry<T>[] = [];
  /** The virtual time at which all waiting items of a flow are served. Flows behind `#now` are forgotten. */
  readonly #finish = new Map<string, number>();
  #now = 0;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get size(): number {
    return this.#entries.length;
  }

  /**
   * Adds an item that counts for each of its flows.
   * @returns the evicted item: if the queue is full, the last item of the flow with the most, possibly this one
   */
  push(item: T, flows: readonly string[]): T | undefined {
    const start = Math.max(this.#now, ...flows.map((flow) => this.#finish.get(flow) ?? 0));
    this.#entries.push({ item, flows, start });
    for (const flow of flows) this.#finish.set(flow, start + 1);
    return this.#entries.length > this.#maximum ? this.#evict() : undefined;
  }

  shift(): T | undefined {
    const first = this.#entries.reduce(
      (best, { start }, index) => (start < (this.#entries[best]?.start ?? start) ? index : best),
      0,
    );
    const [entry] = this.#entries.splice(first, 1);
    if (entry === undefined) return undefined;
    this.#now = entry.start;
    for (const [flow, finish] of this.#finish) if (finish <= this.#now) this.#finish.delete(flow);
    return entry.item;
  }

  /** Removes and returns all waiting items. */
  clear(): T[] {
    this.#finish.clear();
    return this.#entries.splice(0).map(({ item }) => item);
  }

  /** The entry with the latest start is the last one of each of its flows, so their finish time goes back to that start. */
  #evict(): T | undefined {
    const last = this.#entries.reduce(
      (worst, { start }, index) => (start >= (this.#entries[worst]?.start ?? start) ? index : worst),
      0,
    );
    const [entry] = this.#entries.splice(last, 1);
    for (const flow of entry?.flows ?? []) this.#finish.set(flow, entry?.start ?? 0);
    return entry?.item;
  }
}
