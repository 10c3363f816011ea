import { pause } from './pause.ts';

/** Limits the calls per second and spaces them evenly. A burst worth a tenth of a second passes at once. */
export class CallRate {
  readonly #interval: number;
  readonly #burst: number;
  #next = 0;

  constructor(callsPerSecond: number) {
    this.#interval = 1000 / callsPerSecond;
    this.#burst = Math.max(100, this.#interval);
  }

  /** Waits for the turn of the next call. @throws the signal's reason */
  async take(signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now();
    this.#next = Math.max(this.#next, now - this.#burst) + this.#interval;
    if (this.#next > now) await pause(this.#next - now, signal);
  }
}
