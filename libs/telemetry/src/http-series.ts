import type { Histogram } from 'prom-client';
import { closedLabel } from './closed-label.ts';
import type { Metrics } from './metrics.ts';
import { series } from './series/all.ts';

export interface ServedRequest {
  /** The name of a route, never anything of a request: each is a series. */
  readonly handler: string;
  readonly method: string;
  readonly code: number;
  readonly seconds: number;
  readonly requestBytes?: number | undefined;
  readonly responseBytes?: number | undefined;
}

interface Handler {
  inFlight: number;
  /** Answers by method and status. */
  readonly answers: Map<string, Map<number, number>>;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'];

/** Counts requests. What is only counted is kept in plain numbers, since every request passes here. */
export class HttpSeries {
  readonly #method = closedLabel(methods);
  readonly #handlers = new Map<string, Handler>();
  readonly #duration: Histogram<'handler' | 'method'>;
  readonly #requestSize: Histogram<'handler'>;
  readonly #responseSize: Histogram<'handler'>;

  constructor(metrics: Metrics) {
    this.#duration = metrics.histogram(series.httpDuration);
    this.#requestSize = metrics.histogram(series.httpRequestSize);
    this.#responseSize = metrics.histogram(series.httpResponseSize);
    metrics.watchGauge(series.httpInFlight, (set) => {
      for (const [handler, { inFlight }] of this.#handlers) set({ handler }, inFlight);
    });
    metrics.watchCounter(series.httpRequests, (set) => {
      for (const [handler, { answers }] of this.#handlers)
        for (const [method, codes] of answers)
          for (const [code, count] of codes) set({ handler, method, code: statusLabel(code) }, count);
    });
  }

  /** A request begins; call `served` with the same handler when its answer is sent or its socket is gone. */
  started(handler: string): void {
    this.#handler(handler).inFlight += 1;
  }

  served(request: ServedRequest): void {
    const { handler, seconds, requestBytes, responseBytes } = request;
    const method = this.#method(request.method.toLowerCase());
    const known = this.#handler(handler);
    known.inFlight -= 1;
    const codes = known.answers.get(method) ?? new Map<number, number>();
    const code = isStatus(request.code) ? request.code : 0;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    known.answers.set(method, codes);
    this.#duration.observe({ handler, method }, seconds);
    if (requestBytes !== undefined) this.#requestSize.observe({ handler }, requestBytes);
    if (responseBytes !== undefined) this.#responseSize.observe({ handler }, responseBytes);
  }

  #handler(name: string): Handler {
    const known = this.#handlers.get(name);
    if (known !== undefined) return known;
    const handler: Handler = { inFlight: 0, answers: new Map() };
    this.#handlers.set(name, handler);
    return handler;
  }
}

function isStatus(code: number): boolean {
  return Number.isInteger(code) && code >= 100 && code <= 599;
}

function statusLabel(code: number): string {
  return isStatus(code) ? String(code) : 'other';
}
