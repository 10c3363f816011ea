import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request to the proxy, and its target store. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly target: { readonly hostname: string; readonly port: string };
}
