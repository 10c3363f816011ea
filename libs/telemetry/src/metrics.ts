import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { closedLabel } from './closed-label.ts';
import { standardOutput } from './steady-output.ts';
import { childSpan, isTracing, type OpenSpan } from './tracing.ts';

export interface MetricsConfig {
  /** The `service` label of every series, so that six services can share one scrape. */
  readonly service: string;
}

/** The closed sets of what a storage driver does, and how it can end. */
export interface StorageLabels {
  readonly driver: string;
  readonly actions: readonly string[];
  readonly outcomes: readonly string[];
}

export interface ServedRequest {
  /** The name of a route, never anything of a request: each is a series. */
  readonly handler: string;
  readonly method: string;
  readonly code: number;
  readonly seconds: number;
  readonly requestBytes?: number | undefined;
  readonly responseBytes?: number | undefined;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'];
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300];
const bytes = [1024, 16_384, 262_144, 4_194_304, 67_108_864, 1_073_741_824];

/**
 * The Prometheus series of one process, under the names distribution gives them, plus those of Node
 * (`nodejs_eventloop_lag_*`, heap, GC). Label values come from closed sets only, or are names of our routes, so that no
 * client can make the number of series grow.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #method = closedLabel(methods);
  readonly #requests = this.#counter('registry_http_requests_total', 'Requests answered', [
    'handler',
    'code',
    'method',
  ]);
  readonly #duration = this.#histogram(
    'registry_http_request_duration_seconds',
    ['handler', 'method'],
    seconds,
  );
  readonly #requestSize = this.#histogram('registry_http_request_size_bytes', ['handler'], bytes);
  readonly #responseSize = this.#histogram('registry_http_response_size_bytes', ['handler'], bytes);
  readonly #inFlight = new Gauge({
    name: 'registry_http_in_flight_requests',
    help: 'Requests being served',
    labelNames: ['handler'],
    registers: [this.registry],
  });
  readonly #storage = this.#histogram('registry_storage_action_seconds', ['driver', 'action'], seconds);
  readonly #storageOutcomes = this.#counter(
    'registry_storage_actions_total',
    'Storage actions by how they ended',
    ['driver', 'action', 'outcome'],
  );

  readonly #blobsSuspected = this.#counter(
    'registry_blobs_suspected_total',
    'Blobs whose object a read found absent, of another length or with another digest',
    ['fault'],
  );
  readonly #suspectsReread = this.#counter(
    'registry_suspect_blobs_reread_total',
    'Objects of suspect blobs that were read again, by what was found',
    ['outcome'],
  );
  readonly #storageSpace = new Gauge({
    name: 'registry_storage_space_bytes',
    help: 'Bytes of the store, where it can tell: all of them, and those that are free',
    labelNames: ['driver', 'state'],
    registers: [this.registry],
  });

  readonly #dropped = this.#counter(
    'registry_notifications_dropped_total',
    'Deliveries of webhooks that were given up for good: too old, too many, or of a removed endpoint',
    ['endpoint', 'reason'],
  );

  constructor(config: MetricsConfig) {
    this.registry.setDefaultLabels({ service: config.service });
    collectDefaultMetrics({ register: this.registry });
    const dropped = new Counter({
      name: 'registry_log_lines_dropped_total',
      help: 'Lines of the log that were dropped, since nobody read standard output',
      collect() {
        this.reset();
        this.inc(standardOutput.dropped);
      },
      registers: [],
    });
    this.registry.registerMetric(dropped);
  }

  /** A request begins; call `requestServed` with the same handler when its answer is sent or its socket is gone. */
  requestStarted(handler: string): void {
    this.#inFlight.inc({ handler });
  }

  requestServed(request: ServedRequest): void {
    const { handler } = request;
    const method = this.#method(request.method.toLowerCase());
    this.#inFlight.dec({ handler });
    this.#requests.inc({ handler, method, code: statusLabel(request.code) });
    this.#duration.observe({ handler, method }, request.seconds);
    if (request.requestBytes !== undefined) this.#requestSize.observe({ handler }, request.requestBytes);
    if (request.responseBytes !== undefined) this.#responseSize.observe({ handler }, request.responseBytes);
  }

  /** Bodies that are under way, and those that were refused since there are too many: by what they were too many for. */
  watchTransfers(transfers: {
    readonly current: number;
    readonly refused: Readonly<Record<string, number>>;
  }): void {
    const current = new Gauge({
      name: 'registry_http_transfers',
      help: 'Request and response bodies under way',
      registers: [],
      collect() {
        this.set(transfers.current);
      },
    });
    const refused = new Counter({
      name: 'registry_http_transfers_refused_total',
      help: 'Requests refused since too many bodies were under way: of the process, one account, one address',
      labelNames: ['limit'],
      registers: [],
      collect() {
        this.reset();
        for (const [limit, count] of Object.entries(transfers.refused)) this.inc({ limit }, count);
      },
    });
    for (const metric of [current, refused]) this.registry.registerMetric(metric);
  }

  blobSuspected(fault: 'absent' | 'length' | 'digest'): void {
    this.#blobsSuspected.inc({ fault });
  }

  suspectReread(outcome: 'whole' | 'damaged'): void {
    this.#suspectsReread.inc({ outcome });
  }

  /** What the last look at the store found. */
  storageSpace(driver: string, { free, total }: { readonly free: number; readonly total: number }): void {
    this.#storageSpace.set({ driver, state: 'free' }, free);
    this.#storageSpace.set({ driver, state: 'total' }, total);
  }

  /** @param dropped endpoint a name of the configuration, of today or of before */
  deliveriesDropped(dropped: {
    readonly endpoint: string;
    readonly reason: string;
    readonly deliveries: number;
  }): void {
    this.#dropped.inc({ endpoint: dropped.endpoint, reason: dropped.reason }, dropped.deliveries);
  }

  /** What to tell of each call of a storage driver when it begins, and of its end. Within a span it is a span of its own. */
  storageObserver({ driver, actions, outcomes }: StorageLabels) {
    const outcomeOf = closedLabel(outcomes);
    const counted = (action: string) => (duration: number, ended: string) => {
      this.#storage.observe({ driver, action }, duration);
      this.#storageOutcomes.inc({ driver, action, outcome: outcomeOf(ended) });
    };
    // Made once for each action, and not for each call.
    const counts = new Map(actions.map((action) => [action, counted(action)]));
    const other = counted('other');
    return (action: string): ((duration: number, ended: string) => void) => {
      const count = counts.get(action) ?? other;
      const span = isTracing() ? storageSpan(driver, action) : undefined;
      if (span === undefined) return count;
      return (duration, ended) => {
        count(duration, ended);
        span.set({ 'longshore.storage.outcome': ended });
        span.end(harmless.has(ended) ? undefined : ended);
      };
    };
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<T extends string>(name: string, labelNames: readonly T[], buckets: number[]): Histogram<T> {
    const help = name.replace('registry_', '').replaceAll('_', ' ');
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}

/** Ends of a storage action that are no failure of the store. */
const harmless = new Set(['ok', 'absent', 'aborted', 'interrupted']);

function storageSpan(driver: string, action: string): OpenSpan | undefined {
  return childSpan(`storage ${action}`, {
    kind: 'client',
    attributes: { 'longshore.storage.driver': driver },
  });
}

function statusLabel(code: number): string {
  return Number.isInteger(code) && code >= 100 && code <= 599 ? String(code) : 'other';
}
