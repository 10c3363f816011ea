import type { IncomingHttpHeaders } from 'node:http';
import type { ReplyHeaders } from '@longshore/service-kit';

/** Headers of one connection only (RFC 9110 §7.6.1); passing them on would speak for the wrong one. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** The client's headers as the next hop gets them, with who the client is. */
export function forwardedRequestHeaders(
  headers: IncomingHttpHeaders,
  client: { address: string; scheme: string; host: string; requestId: string },
): Record<string, string | string[]> {
  const forwarded: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name)) forwarded[name] = value;
  }
  return {
    ...forwarded,
    'x-forwarded-for': client.address,
    'x-forwarded-proto': client.scheme,
    'x-forwarded-host': client.host,
    'x-request-id': client.requestId,
  };
}

export function forwardedReplyHeaders(headers: IncomingHttpHeaders): ReplyHeaders {
  const forwarded: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name) && name !== 'date') forwarded[name] = value;
  }
  return forwarded;
}
