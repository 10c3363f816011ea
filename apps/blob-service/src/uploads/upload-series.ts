import { Injectable } from '@nestjs/common';
import { Metrics, series } from '@longshore/telemetry';

/** Counts what becomes of uploads. */
@Injectable()
export class UploadSeries {
  readonly #started;
  readonly #ended;
  readonly #bytes;

  constructor(metrics: Metrics) {
    this.#started = metrics.counter(series.uploadsStarted);
    this.#ended = metrics.counter(series.uploadsEnded);
    this.#bytes = metrics.counter(series.uploadBytes);
  }

  started(): void {
    this.#started.inc();
  }

  ended(outcome: 'committed' | 'refused' | 'cancelled'): void {
    this.#ended.inc({ outcome });
  }

  stored(bytes: number): void {
    this.#bytes.inc(bytes);
  }
}
