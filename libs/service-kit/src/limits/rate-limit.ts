import type { Identity } from '@longshore/authorization';
import { Meters } from './meters.ts';
import { limitOf, type Payer, type RateRule } from './rate-rule.ts';

/** Milliseconds. Sums of fractions differ by less. */
const tolerance = 1e-3;

/** What is left to a client. */
export interface Allowance {
  /** How often the client may ask in a window. */
  readonly limit: number;
  /** Milliseconds. */
  readonly window: number;
  /** How often it may ask at once. */
  readonly remaining: number;
  /** Milliseconds until it may ask again. 0 if it may now. */
  readonly wait: number;
  /** Milliseconds until it has its whole limit again. */
  readonly reset: number;
}

export type LimitName = 'requests' | 'pulls';

export interface RateLimitOptions {
  readonly name: LimitName;
  readonly rule: RateRule;
  /** Most clients whose use is remembered. */
  readonly clients: number;
  /** Milliseconds of a clock that never steps back. */
  readonly now: () => number;
}

/** What one client has of a limit. */
export interface Claim {
  readonly rate: RateLimit;
  readonly payer: Payer;
  /** How often in a window. */
  readonly limit: number;
}

/**
 * One limit, such as that on pulls. A client may use it up at once, and regains it evenly over the window (GCRA, a leaky bucket): in a time t it gets at
 * most limit × (1 + t / window). A refusal uses nothing.
 */
export class RateLimit {
  readonly name: LimitName;
  readonly #rule: RateRule;
  readonly #now: () => number;
  readonly #meters: Meters;

  constructor({ name, rule, clients, now }: RateLimitOptions) {
    this.name = name;
    this.#rule = rule;
    this.#now = now;
    this.#meters = new Meters(clients);
  }

  /** Number of clients whose use is remembered. */
  get clients(): number {
    return this.#meters.size;
  }

  /** @returns undefined if the client has no limit */
  claimOf(payer: Payer, identity: Identity): Claim | undefined {
    const limit = limitOf(this.#rule, payer, identity);
    return limit === 0 ? undefined : { rate: this, payer, limit };
  }

  look({ payer: { key }, limit }: Claim): Allowance {
    const { window } = this.#rule;
    const reset = Math.max(0, (this.#meters.get(key)?.fullAt ?? 0) - this.#now());
    const interval = window / limit;
    const wait = reset + interval - window;
    return {
      limit,
      window,
      remaining: Math.max(0, Math.floor((window - reset + tolerance) / interval)),
      wait: wait > tolerance ? wait : 0,
      reset,
    };
  }

  take({ payer: { key }, limit }: Claim): void {
    const now = this.#now();
    const interval = this.#rule.window / limit;
    const meter = this.#meters.get(key);
    if (meter === undefined) this.#meters.add(key, { fullAt: now + interval }, now);
    else meter.fullAt = Math.max(now, meter.fullAt) + interval;
  }
}
