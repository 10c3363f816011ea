import type { IncomingMessage } from 'node:http';
import { OciError } from '@longshore/oci';
import { HttpSeries, type Logger, type Metrics } from '@longshore/telemetry';
import { ReceivedRequest } from '../http/received-request.ts';
import { refusalOf } from '../http/error-reply.ts';
import type { ReplyHeaders } from '../http/reply.ts';
import { type RequestOutcome, RequestObserver } from '../http/request-observer.ts';
import { loggedTarget } from './logged-target.ts';
import type { AuditTrail } from './audit-trail.ts';
import { Outages } from './outages.ts';

/** Counts each request, writes its line into the access log, and logs a fault once, with its cause. */
export class OutcomeObserver extends RequestObserver {
  readonly #log: Logger;
  readonly #series: HttpSeries;
  readonly #accessLog: boolean;
  readonly #outages: Outages;
  readonly #audit: AuditTrail | undefined;

  constructor({
    log,
    metrics,
    accessLog,
    audit,
  }: {
    log: Logger;
    metrics: Metrics;
    accessLog: boolean;
    audit?: AuditTrail | undefined;
  }) {
    super();
    this.#log = log;
    this.#series = new HttpSeries(metrics);
    this.#accessLog = accessLog;
    this.#outages = new Outages(log);
    this.#audit = audit;
  }

  override started(handler: string): void {
    this.#series.started(handler);
  }

  override observe(outcome: RequestOutcome): void {
    const { request, handler, status, seconds, headers } = outcome;
    const method = request.method ?? 'GET';
    this.#series.served({
      handler,
      method,
      code: status,
      seconds,
      requestBytes: receivedOf(request),
      responseBytes: method === 'HEAD' || status === 499 ? undefined : lengthOf(headers['content-length']),
    });
    const outage = status === 503 ? refusalOf(outcome.fault)?.outage : undefined;
    if (outage !== undefined) this.#outages.note(outage, describe(outcome));
    this.#audit?.observe(outcome);
    logRequest(this.#log, outcome, this.#accessLog ? 'info' : undefined);
  }
}

/** Logs a request: a fault of ours at `error`, with its stack, any other at the level. Without a level it logs faults only. */
export function logRequest(log: Logger, outcome: RequestOutcome, level: 'info' | 'debug' | undefined): void {
  const { fault, status } = outcome;
  if (fault !== undefined && status !== 499 && !isRefusal(fault))
    log.error({ err: fault, ...describe(outcome) }, 'request failed');
  else if (level !== undefined) log[level](describe(outcome), 'request');
}

/** Returns undefined for a request without a body. */
function receivedOf(request: IncomingMessage): number | undefined {
  return request instanceof ReceivedRequest && request.received > 0 ? request.received : undefined;
}

/** Returns the length of an answer. A proxied answer has it as the text that the replica sent. */
function lengthOf(header: ReplyHeaders[string] | undefined): number | undefined {
  return header === undefined ? undefined : Number(header);
}

/** Returns the fields of a request in the log. */
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
    path: loggedTarget(request.url ?? ''),
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

/** Tells whether the error is the client's mistake or an outage. Any other is a fault of ours and is logged with its stack. */
function isRefusal(fault: unknown): boolean {
  const refusal = refusalOf(fault);
  return refusal !== undefined && refusal.status !== 500;
}
