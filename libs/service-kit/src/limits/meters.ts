/** How much of a limit a client has used, as the time at which it has its whole limit again (GCRA). */
export interface Meter {
  /** Milliseconds of the clock of the limits. */
  fullAt: number;
}

/** Meters that one new client may push aside. More would cost each request of a flood more. */
const looks = 4;

/**
 * The meters of a limit, in bounded memory. A new client looks at the few that were longest not looked at: those without use go. If the table is full of
 * clients with use, the one with the least goes, so that a flood of new addresses pushes its own aside and not those that are near their limit.
 */
export class Meters {
  readonly #maximum: number;
  readonly #meters = new Map<string, Meter>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get size(): number {
    return this.#meters.size;
  }

  get(key: string): Meter | undefined {
    return this.#meters.get(key);
  }

  add(key: string, meter: Meter, now: number): void {
    this.#makeRoom(now);
    this.#meters.set(key, meter);
  }

  #makeRoom(now: number): void {
    let least: readonly [key: string, meter: Meter] | undefined;
    for (let look = 0; look < looks; look += 1) {
      const { value: oldest } = this.#meters.entries().next();
      if (oldest === undefined) return;
      const [key, meter] = oldest;
      this.#meters.delete(key);
      if (meter.fullAt <= now) continue;
      this.#meters.set(key, meter);
      if (least === undefined || meter.fullAt < least[1].fullAt) least = oldest;
    }
    if (this.#meters.size >= this.#maximum && least !== undefined) this.#meters.delete(least[0]);
  }
}
