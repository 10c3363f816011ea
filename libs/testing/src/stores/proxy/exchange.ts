import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request to the proxy, and the store that it is for. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly target: { readonly hostname: string; readonly port: string };
}
