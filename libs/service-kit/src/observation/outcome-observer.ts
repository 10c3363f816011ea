import { OciError } from '@longshore/oci';
import type { Logger, Metrics } from '@longshore/telemetry';
import { refusalOf } from '../http/error-reply.ts';
import { type RequestOutcome, RequestObserver } from '../http/request-observer.ts';
import { Outages } from './outages.ts';

/** Counts each request, writes its line into the access log, and logs a fault once, with its cause. */
export class OutcomeObserver extends RequestObserver {
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #accessLog: boolean;
  readonly #outages: Outages;

  constructor({ log, metrics, accessLog }: { log: Logger; metrics: Metrics; accessLog: boolean }) {
    super();
    this.#log = log;
    this.#metrics = metrics;
    this.#accessLog = accessLog;
    this.#outages = new Outages(log);
  }

  override started(handler: string): void {
    this.#metrics.requestStarted(handler);
  }

  override observe(outcome: RequestOutcome): void {
    const { request, handler, status, seconds, headers } = outcome;
    const method = request.method ?? 'GET';
    const length = headers['content-length'];
    const responseBytes = typeof length === 'number' && method !== 'HEAD' ? length : undefined;
    this.#metrics.requestServed({
      handler,
      method,
      code: status,
      seconds,
      responseBytes,
    });
    const outage = status === 503 ? refusalOf(outcome.fault)?.outage : undefined;
    if (outage !== undefined) this.#outages.note(outage, describe(outcome));
    if (outcome.fault !== undefined && status !== 499 && !isRefusal(outcome.fault))
      this.#log.error({ err: outcome.fault, ...describe(outcome) }, 'request failed');
    else if (this.#accessLog) this.#log.info(describe(outcome), 'request');
  }
}

function describe({
  request,
  client,
  handler,
  match,
  subject,
  status,
  seconds,
  fault,
}: RequestOutcome): Record<string, unknown> {
  return {
    request: client.requestId,
    method: request.method,
    path: request.url?.slice(0, 512),
    status,
    ms: Math.round(seconds * 1e5) / 100,
    remote: client.address,
    agent: client.userAgent.slice(0, 256),
    ...(handler === 'unmatched' ? {} : { route: handler }),
    ...(match?.name === undefined ? {} : { repository: match.name }),
    ...(subject === undefined || subject === '' ? {} : { user: subject }),
    ...(fault instanceof OciError ? { code: fault.code } : {}),
  };
}

/** What the client did wrong, or what is merely away; everything else is a fault of ours and gets its stack logged. */
function isRefusal(fault: unknown): boolean {
  const refusal = refusalOf(fault);
  return refusal !== undefined && refusal.status !== 500;
}
