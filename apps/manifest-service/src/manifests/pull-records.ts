import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database, recordPulls } from '@longshore/metadata';
import { runLoop, ServiceLog } from '@longshore/service-kit';
import { Metrics, series } from '@longshore/telemetry';
import { ManifestSettings } from '../manifest-settings.ts';

/** Most manifests in one statement. */
const batch = 1_000;
/** Most remembered ids: 8 MB. A forgotten one is written again. */
const remembered = 100_000;

/**
 * Records which manifests are pulled, for the collection of untagged manifests. Writes in batches after the answers, and each manifest once within
 * `pulls.resolution`. A killed process loses the pulls of the last `pulls.interval`.
 */
@Injectable()
export class PullRecords implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #waiting = new Set<number>();
  readonly #recorded = new Set<number>();
  readonly #written;
  #recordedSince = Date.now();
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly settings: ManifestSettings,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.#written = metrics.counter(series.pullsRecorded);
  }

  /** @param manifest its id */
  add(manifest: number): void {
    if (this.#recorded.has(manifest) || this.#waiting.size >= remembered) return;
    this.#waiting.add(manifest);
  }

  onApplicationBootstrap(): void {
    this.#loop = runLoop({
      step: async () => {
        await this.write();
        return 'idle';
      },
      interval: this.settings.pulls.interval,
      signal: this.#stop.signal,
      failed: (fault) => this.log.error(fault, 'recording of pulls failed'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.write().catch((fault: unknown) => this.log.error(fault, 'recording of pulls failed'));
  }

  /** Writes the waiting pulls. If that fails, they keep waiting. */
  async write(): Promise<void> {
    // Half of the resolution, since the set and the row may each delay a pull by that much.
    const half = this.settings.pulls.resolution / 2;
    if (Date.now() - this.#recordedSince > half || this.#recorded.size >= remembered) {
      this.#recorded.clear();
      this.#recordedSince = Date.now();
    }
    const all = [...this.#waiting];
    for (let start = 0; start < all.length; start += batch) {
      const manifests = all.slice(start, start + batch);
      // One connection is enough, since no request waits for this.
      await recordPulls(this.database.db, { manifests, resolution: half / 1000 });
      this.#written.inc(manifests.length);
      for (const manifest of manifests) {
        this.#waiting.delete(manifest);
        this.#recorded.add(manifest);
      }
    }
  }
}
