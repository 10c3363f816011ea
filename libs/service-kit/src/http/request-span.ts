import type { IncomingMessage } from 'node:http';
import { OciError, routes } from '@longshore/oci';
import { isTracing, type OpenSpan, rootSpan } from '@longshore/telemetry';
import type { ClientFacts } from './client-facts.ts';
import type { RequestOutcome } from './request-observer.ts';

/** Starts the span of a request, which continues the trace of the service or client that sent it. Undefined while tracing is off. */
export function requestSpan(request: IncomingMessage, client: ClientFacts): OpenSpan | undefined {
  if (!isTracing()) return undefined;
  const { method = 'GET', url = '/', headers } = request;
  return rootSpan(method, {
    kind: 'server',
    continues: client.trace,
    client: headers,
    attributes: {
      'http.request.method': method,
      // Without the query, which may contain a token.
      'url.path': url.split('?', 1)[0] ?? '/',
      'url.scheme': client.scheme,
      'server.address': client.host,
      'client.address': client.address,
      'user_agent.original': client.userAgent.slice(0, 256),
      'longshore.request.id': client.requestId,
    },
  });
}

/** Ends the span with the facts of the answer. The route names the span, so that the number of names is bounded. */
export function endRequestSpan(
  span: OpenSpan,
  { request, handler, match, status, fault }: RequestOutcome,
): void {
  const route = match === undefined ? handler : routes[match.id].template;
  if (handler !== 'unmatched') {
    span.rename(`${request.method} ${route}`);
    span.set({ 'http.route': route });
  }
  span.set({
    'http.response.status_code': status,
    ...(match?.name === undefined ? {} : { 'longshore.repository': match.name }),
  });
  // A refusal is not an error of the server (OpenTelemetry, semantic conventions of HTTP).
  if (status < 500) span.end();
  else span.end(fault instanceof OciError ? fault.code : (fault ?? String(status)));
}
