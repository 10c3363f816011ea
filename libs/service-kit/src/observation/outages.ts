import type { Outage } from '@longshore/oci';
import { type Logger, untraced } from '@longshore/telemetry';

/** Milliseconds without a failure after which an outage is over. */
const quiet = 60_000;

interface Open {
  readonly since: number;
  last: number;
  failed: number;
}

/**
 * Logs each outage of a dependency (the store, the database, the bus) once when it begins to fail requests, and once when it has ended: one line
 * each, independent of the access log. Another reason is another outage: a full disk is repaired differently from a lost mount.
 */
export class Outages {
  readonly #log: Logger;
  readonly #open = new Map<string, Open>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param facts of the first failed request */
  note({ what, why }: Outage, facts: Readonly<Record<string, unknown>>): void {
    const key = `${what}: ${kindOf(why)}`;
    const now = Date.now();
    const known = this.#open.get(key);
    if (known !== undefined) {
      known.last = now;
      known.failed += 1;
      return;
    }
    this.#open.set(key, { since: now, last: now, failed: 1 });
    this.#log.error({ ...facts, away: what, why }, `${what} is away: requests are answered 503`);
    untraced(() => this.#watch(key, what));
  }

  #watch(key: string, what: string): void {
    const timer = setInterval(() => {
      const outage = this.#open.get(key);
      if (outage === undefined || Date.now() - outage.last < quiet) return;
      clearInterval(timer);
      this.#open.delete(key);
      const seconds = Math.round((outage.last - outage.since) / 1000);
      this.#log.info(
        { away: what, failed: outage.failed, seconds },
        `${what} has failed no request for a minute`,
      );
    }, quiet / 4);
    timer.unref();
  }
}

/** Removes the parts that differ between requests: keys, numbers, addresses. */
function kindOf(why: string): string {
  return why.replaceAll(/\([^)]*\)|[\d.:]*\d[\d.:]*/g, '').slice(0, 80);
}
