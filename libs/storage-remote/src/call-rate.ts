import { pause } from './pause.ts';

/** At most so many calls in each second, evenly spread; a burst of a tenth of a second passes at once. */
export class CallRate {
  readonly #interval: number;
  readonly #burst: number;
  #next = 0;

  constructor(callsPerSecond: number) {
    this.#interval = 1000 / callsPerSecond;
    this.#burst = Math.max(100, this.#interval);
  }

  /** @throws the signal's reason */
  async take(signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now();
    this.#next = Math.max(this.#next, now - this.#burst) + this.#interval;
    if (this.#next > now) await pause(this.#next - now, signal);
  }
}
