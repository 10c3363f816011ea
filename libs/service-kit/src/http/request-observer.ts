import type { IncomingMessage } from 'node:http';
import type { Identity } from '@longshore/authorization';
import type { RouteMatch } from '@longshore/oci';
import type { ClientFacts } from './client-facts.ts';
import type { ReplyHeaders } from './reply.ts';

/** The outcome of a request. `fault` is the thrown error, refusals included. Status 499: the client did not get its complete answer. */
export interface RequestOutcome {
  readonly request: IncomingMessage;
  readonly client: ClientFacts;
  /** A route's id under /v2, the path pattern of a Nest controller, or `unmatched`. */
  readonly handler: string;
  readonly match?: RouteMatch | undefined;
  readonly subject?: string | undefined;
  /** Undefined if the client was not identified, and on an open route. */
  readonly identity?: Identity | undefined;
  /** True if the audit log has the entry of this request. */
  readonly isRecorded?: boolean;
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly seconds: number;
  readonly fault?: unknown;
}

/**
 * Learns of each request when its route is found and, once, when it has ended. Implements metrics, the access log, and the one log line of a fault.
 */
export abstract class RequestObserver {
  abstract started(handler: string): void;
  abstract observe(outcome: RequestOutcome): void;
}
