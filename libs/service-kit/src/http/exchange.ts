import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '@longshore/authorization';
import type { RouteMatch } from '@longshore/oci';
import type { OpenSpan } from '@longshore/telemetry';
import type { ClientFacts } from './client-facts.ts';

/** A request and its answer, as far as the front knows them. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly client: ClientFacts;
  /** Undefined while tracing is off. */
  readonly span: OpenSpan | undefined;
  /** Milliseconds of `performance.now()`. */
  readonly began: number;
  /** The route's id under /v2, or the path pattern of a Nest controller. Undefined until the route is found. */
  handler: string | undefined;
  match: RouteMatch | undefined;
  /** The client's identity. Undefined until it is known, and on an open route. */
  identity: Identity | undefined;
  /** True if the audit log has the entry of this request: it was written with the change. */
  isRecorded: boolean;
  /** Ends the transfer of a request with a body (Transfers). */
  endTransfer: (() => void) | undefined;
  /** The thrown error, if any. */
  fault: unknown;
}

const exchanges = new WeakMap<IncomingMessage, Exchange>();

/** Stores the exchange for code that Nest calls with only the request. The door needs no look-up. */
export function rememberExchange(exchange: Exchange): void {
  exchanges.set(exchange.request, exchange);
}

/** @throws Error for a request that did not pass the front */
export function exchangeOf(request: IncomingMessage): Exchange {
  const exchange = exchanges.get(request);
  if (exchange === undefined) throw new Error('the request did not come through the front');
  return exchange;
}
