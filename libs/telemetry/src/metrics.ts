import { collectDefaultMetrics, Counter, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import { series } from './series/all.ts';
import type { Series } from './series/define.ts';
import { standardOutput } from './steady-output.ts';
import { observeStorage, type StorageLabels } from './storage-series.ts';

export interface MetricsConfig {
  /** The `service` label of every series, so that six services can share one scrape. */
  readonly service: string;
}

/**
 * The Prometheus series of one process: those of Node (`nodejs_eventloop_lag_*`, heap, GC), and the declared series of its parts. A series without a
 * user is not exported.
 */
export class Metrics {
  readonly registry = new Registry();

  constructor({ service }: MetricsConfig) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
    this.watchCounter(series.logLinesDropped, (set) => set({}, standardOutput.dropped));
  }

  /** Returns the same counter to every caller. */
  counter<L extends string>(terms: Series<'counter', L>): Counter<L> {
    return this.#known(terms, Counter<L>) ?? this.#added(new Counter<L>(options(terms)));
  }

  gauge<L extends string>(terms: Series<'gauge', L>): Gauge<L> {
    return this.#known(terms, Gauge<L>) ?? this.#added(unmeasured(terms));
  }

  histogram<L extends string>(terms: Series<'histogram', L>): Histogram<L> {
    const { buckets = [] } = terms;
    const made = (): Histogram<L> => new Histogram<L>({ ...options(terms), buckets: [...buckets] });
    return this.#known(terms, Histogram<L>) ?? this.#added(made());
  }

  /** Adds a gauge whose values are read at each scrape. */
  watchGauge<L extends string>(terms: Series<'gauge', L>, read: (set: SetSample<L>) => void): void {
    const gauge: Gauge<L> = new Gauge<L>({
      ...options(terms),
      collect: () => {
        gauge.reset();
        read((labels, value) => gauge.set(labels, value));
      },
    });
    this.#added(gauge);
  }

  /** Adds a counter that is kept elsewhere as a plain number, and read at each scrape. */
  watchCounter<L extends string>(terms: Series<'counter', L>, read: (set: SetSample<L>) => void): void {
    const counter: Counter<L> = new Counter<L>({
      ...options(terms),
      collect: () => {
        counter.reset();
        read((labels, value) => counter.inc(labels, value));
      },
    });
    this.#added(counter);
  }

  /** Returns an observer for the calls of a storage driver (libs/stores, StorageHost). */
  storageObserver(labels: StorageLabels): ReturnType<typeof observeStorage> {
    return observeStorage(
      labels,
      this.histogram(series.storageDuration),
      this.counter(series.storageActions),
    );
  }

  /** Exports the results of the last check of the store. */
  storageSpace(driver: string, { free, total }: { readonly free: number; readonly total: number }): void {
    const space = this.gauge(series.storageSpace);
    space.set({ driver, state: 'free' }, free);
    space.set({ driver, state: 'total' }, total);
  }

  #known<M extends Metric>({ name }: Series, kind: abstract new (...terms: never[]) => M): M | undefined {
    const metric = this.registry.getSingleMetric(name);
    return metric instanceof kind ? metric : undefined;
  }

  /** @throws Error if another metric has the name */
  #added<M extends Metric>(metric: M): M {
    this.registry.registerMetric(metric);
    return metric;
  }
}

export type SetSample<L extends string> = (labels: Partial<Record<L, string>>, value: number) => void;

function options<L extends string>({ name, help, labels }: Series<Series['kind'], L>) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a Record<L, …> are L
  return { name, help, labelNames: Object.keys(labels) as L[], registers: [] };
}

/** Removes the sample 0 that a gauge without labels starts with, since it was not measured. */
function unmeasured<L extends string>(terms: Series<'gauge', L>): Gauge<L> {
  const gauge = new Gauge<L>(options(terms));
  if (Object.keys(terms.labels).length === 0) gauge.remove();
  return gauge;
}
