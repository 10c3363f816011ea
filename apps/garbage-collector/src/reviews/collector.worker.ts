import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { runLoop, ServiceLog, type StepOutcome } from '@longshore/service-kit';
import { Metrics, series } from '@longshore/telemetry';
import { CollectorSettings } from '../collector-settings.ts';
import { SecondLook } from '../suspects/second-look.service.ts';
import { CollectorService } from './collector.service.ts';

/** Milliseconds. A replica that still ran with `gc.untagged` off may have ended reviews after the first pass. */
const day = 86_400_000;
/** Milliseconds. An empty repository costs one row, and finding it reads all repositories. */
const hour = 3_600_000;

/** Runs the steps of garbage collection, and the second look at suspect blobs, while the service lives. Each has its own loop. */
@Injectable()
export class CollectorWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  readonly #steps;

  // oxlint-disable-next-line max-params -- Nest injects these; nobody writes the call
  constructor(
    private readonly collector: CollectorService,
    private readonly secondLook: SecondLook,
    private readonly settings: CollectorSettings,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.#steps = metrics.histogram(series.collectorSteps);
  }

  onApplicationBootstrap(): void {
    // The second look collects nothing, so it also runs if collection is switched off.
    const loops = [
      this.#keepRunning('second look', () => this.secondLook.step(), this.settings.interval),
      ...(this.settings.enabled ? this.#collect() : []),
    ];
    this.#loops = Promise.all(loops);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loops;
  }

  #collect(): Promise<void>[] {
    const { collector } = this;
    const steps: Record<string, () => Promise<StepOutcome>> = {
      'review of links': () => collector.reviewLinks(),
      'review of blobs': () => collector.reviewBlobs(),
      'review of manifests': () => collector.reviewManifests(),
      'sweep of the trash': () => collector.sweep(),
    };
    if (this.settings.expiresUploads) {
      steps['expiry of uploads'] = () => collector.expireUploads();
      steps['expiry of uploads that stand still'] = () => collector.expireIdleUploads();
    }
    const loops = Object.entries(steps).map(([name, step]) =>
      this.#keepRunning(name, step, this.settings.interval),
    );
    if (this.settings.expiresUploads) {
      const clear = (): Promise<StepOutcome> => collector.clearLeftovers();
      loops.push(this.#keepRunning('clearing of leftovers', clear, this.settings.leftoversInterval));
    }
    const repositories = (): Promise<StepOutcome> => collector.collectRepositories();
    const rest = Math.min(hour, this.settings.grace * 1000);
    loops.push(this.#keepRunning('collection of empty repositories', repositories, rest));
    if (this.settings.untagged !== 'keep') {
      const review = (): Promise<StepOutcome> => collector.reviewUntagged();
      loops.push(this.#keepRunning('review of untagged manifests', review, day));
    }
    return loops;
  }

  #keepRunning(name: string, step: () => Promise<StepOutcome>, interval: number): Promise<void> {
    const failed = (fault: unknown): void => this.log.error(fault, `${name} failed`);
    const timed = (): Promise<StepOutcome> => this.#timed(name, step);
    return runLoop({ step: timed, interval, signal: this.#stop.signal, failed });
  }

  async #timed(step: string, work: () => Promise<StepOutcome>): Promise<StepOutcome> {
    const began = performance.now();
    let outcome: StepOutcome | 'failed' = 'failed';
    try {
      outcome = await work();
      return outcome;
    } finally {
      this.#steps.observe({ step, outcome }, (performance.now() - began) / 1000);
    }
  }
}
