import type { IncomingHttpHeaders } from 'node:http';
import { hopByHop } from '@longshore/service-kit/hop-by-hop';
import { type ClientSeal, type RegistryRequest, type ReplyHeaders, sealHeader } from '@longshore/service-kit';
import { injectTrace } from '@longshore/telemetry';

type Forwardable = Pick<RegistryRequest, 'headers' | 'client' | 'method' | 'url'>;

/**
 * Returns the client's headers for the next hop, with the client's facts: sealed if the services share a secret.
 * @param host replaces the client's Host header
 */
export function forwardedRequestHeaders(
  { headers, client, method, url }: Forwardable,
  seal: ClientSeal | undefined,
  host?: string,
): Record<string, string | string[]> {
  const trace = injectTrace();
  const facts = trace === undefined ? client : { ...client, trace };
  return {
    ...endToEnd(headers),
    ...(host === undefined ? {} : { host }),
    // blob-service trusts the seal. These headers are for proxies in between.
    ...trace,
    'x-forwarded-for': client.address,
    'x-forwarded-proto': client.scheme,
    'x-forwarded-host': client.host,
    'x-request-id': client.requestId,
    [sealHeader]: seal?.seal(facts, { method, url }) ?? 'none',
  };
}

export function forwardedReplyHeaders(headers: IncomingHttpHeaders): ReplyHeaders {
  const { date: _, ...forwarded } = endToEnd(headers);
  return forwarded;
}

function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/[\s,]+/));
  const forwarded: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name) && !named.has(name)) forwarded[name] = value;
  }
  return forwarded;
}
