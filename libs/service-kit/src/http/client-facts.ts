import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { Networks } from './networks.ts';
import { isHost } from './request-message.ts';

/** Who asks, and by which address the registry was asked. */
export interface ClientFacts {
  readonly requestId: string;
  readonly address: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly userAgent: string;
}

/** Addresses whose X-Forwarded-* headers are believed; from anybody else they are ignored, or a client could name itself. */
export class TrustedProxies extends Networks {}

const wellFormedRequestId = /^[A-Za-z0-9_-]{8,64}$/;

export function clientFacts(request: IncomingMessage, proxies: TrustedProxies): ClientFacts {
  const peer = withoutMapping(request.socket.remoteAddress ?? '');
  const believed = proxies.has(peer);
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const forwarded = (name: string): string | undefined => (believed ? header(name) : undefined);
  const host = forwarded('x-forwarded-host') ?? request.headers.host ?? '';
  const requestId = header('x-request-id');
  return {
    requestId: requestId !== undefined && wellFormedRequestId.test(requestId) ? requestId : randomUUID(),
    address: believed ? lastUntrusted(header('x-forwarded-for'), peer, proxies) : peer,
    host: isHost(host) ? host : '',
    scheme: (forwarded('x-forwarded-proto') ?? schemeOf(request.socket)) === 'https' ? 'https' : 'http',
    userAgent: request.headers['user-agent'] ?? '',
  };
}

function schemeOf(socket: Socket): 'http' | 'https' {
  return 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
}

/** The rightmost hop that is not a proxy of ours: everything left of it was written by the client itself. */
function lastUntrusted(chain: string | undefined, peer: string, proxies: TrustedProxies): string {
  const hops = (chain ?? '').split(',').map((hop) => withoutMapping(hop.trim()));
  return hops.findLast((hop) => isIP(hop) !== 0 && !proxies.has(hop)) ?? peer;
}

function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
