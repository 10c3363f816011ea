import type { AuditEntry } from '@longshore/authorization';
import { backoff, type Logger, type Metrics, series, untraced } from '@longshore/telemetry';
import { clientNetwork } from '../http/client-network.ts';
import type { RequestOutcome } from '../http/request-observer.ts';
import { pause } from '../loop/pause.ts';
import { auditEntryOf } from './audit-entry.ts';

/** Writes entries where they last. Resolves when they are durable. An entry may come twice. */
export type WriteAudit = (entries: readonly AuditEntry[]) => Promise<void>;

/** Most entries that wait. Further ones go to the log alone. */
const mostWaiting = 10_000;
const mostInBatch = 500;
/** Milliseconds that an entry waits for others. */
const gathering = 200;
/** Milliseconds in which the denials of one network are counted together beyond `mostDenials`. */
const window = 1000;
const mostDenials = 20;
/** Milliseconds that a closing process tries to write. */
const farewell = 3000;

export interface AuditTrailOptions {
  readonly service: string;
  readonly write: WriteAudit;
  readonly log: Logger;
  readonly metrics: Metrics;
}

interface Waiting {
  readonly entry: AuditEntry;
  /** The log has the entry, so it is not lost if this process ends before it is written. */
  logged: boolean;
}

/**
 * Hands the entries of a door to the audit log, in batches and behind the answers: no request waits for its entry. While the log cannot be written, each
 * waiting entry is written to the process's own log, once, and tried again.
 */
export class AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #entries;
  #waiting: Waiting[] = [];
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  /** Denials of each network in the current window: how many, and the entry that counts those beyond the most. */
  readonly #denials = new Map<string, number>();
  readonly #folded = new Map<string, AuditEntry>();
  #windowEnd = 0;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#entries = options.metrics.counter(series.auditEntries);
    options.metrics.watchGauge(series.auditWaiting, (set) => set({}, this.#waiting.length));
  }

  observe(outcome: RequestOutcome): void {
    const entry = auditEntryOf(outcome, this.#options.service);
    if (entry === undefined) return;
    if (entry.outcome === 'denied') this.#deny(entry);
    else this.#add(entry);
    this.#start();
  }

  /** Writes what waits, or logs it after three seconds. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#unfold();
    const written = this.#writeAll().catch(() => undefined);
    const late = new AbortController();
    await Promise.race([written, pause(farewell, late.signal)]);
    late.abort();
    this.#logAll(this.#waiting);
  }

  /** Bounds the entries that one network can cause: the first denials of a second have their own, the rest one for each status and action. */
  #deny(entry: AuditEntry): void {
    if (entry.at >= this.#windowEnd) {
      this.#unfold();
      this.#denials.clear();
      this.#windowEnd = entry.at + window;
    }
    const network = clientNetwork(entry.address);
    const count = (this.#denials.get(network) ?? 0) + 1;
    this.#denials.set(network, count);
    if (count <= mostDenials) {
      this.#add(entry);
      return;
    }
    const key = `${network} ${entry.status} ${entry.action}`;
    const { repository: _, reference: __, ...common } = entry;
    const first = this.#folded.get(key) ?? { ...common, actorKind: 'unproved', actor: '', times: 0 };
    this.#folded.set(key, { ...first, times: first.times + 1 });
  }

  #unfold(): void {
    for (const entry of this.#folded.values()) this.#add(entry);
    this.#folded.clear();
  }

  #add(entry: AuditEntry): void {
    const waiting = { entry, logged: false };
    if (this.#waiting.length < mostWaiting) this.#waiting.push(waiting);
    else this.#logAll([waiting]);
  }

  #start(): void {
    this.#running ??= untraced(() => this.#run()).finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted && this.#waiting.length + this.#folded.size > 0) {
      await pause(
        failures === 0 ? gathering : backoff(failures, { first: gathering, longest: 5000 }),
        signal,
      );
      if (signal.aborted) return;
      if (Date.now() >= this.#windowEnd) this.#unfold();
      try {
        await this.#writeAll();
        failures = 0;
      } catch (error) {
        if (failures === 0)
          this.#options.log.error(
            { err: error },
            'the audit log cannot be written: its entries are in this log',
          );
        failures += 1;
        this.#logAll(this.#waiting);
      }
    }
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, mostInBatch);
      await this.#options.write(batch.map(({ entry }) => entry));
      this.#waiting.splice(0, batch.length);
      this.#entries.inc({ to: 'database' }, batch.length);
    }
  }

  #logAll(waiting: readonly Waiting[]): void {
    for (const each of waiting) {
      if (each.logged) continue;
      each.logged = true;
      this.#entries.inc({ to: 'log' });
      this.#options.log.warn({ audit: each.entry }, 'an entry of the audit log');
    }
  }
}
