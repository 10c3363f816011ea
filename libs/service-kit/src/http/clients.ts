import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { ServiceLog } from '../observation/service-log.ts';
import type { ClientFacts } from './client-facts.ts';
import { sealHeader } from './client-seal.ts';
import { type Forwarded, forwardedHeaders, readForwarded, withoutMapping } from './forwarded.ts';
import { FrontSettings } from './front-settings.ts';
import { isHost } from './request-message.ts';

type Reached = Pick<ClientFacts, 'scheme' | 'host' | 'baseUrl' | 'locationBase'>;

const nothing: Forwarded = { hops: [] };
const wellFormedRequestId = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * Determines the client of a request. Trusts the seal of another of our services. Trusts any other header about the client only from the addresses of
 * `http.trustedproxies`; otherwise a client could choose its own address.
 */
@Injectable()
export class Clients {
  #warned = false;

  constructor(
    private readonly settings: FrontSettings,
    private readonly log: ServiceLog,
  ) {}

  of(request: IncomingMessage): ClientFacts {
    const { headers, socket } = request;
    const sealed = headers[sealHeader];
    const facts = typeof sealed === 'string' ? this.settings.seal?.open(sealed, request) : undefined;
    if (facts !== undefined) return { ...facts, userAgent: headers['user-agent'] ?? '', isForwarded: true };
    const peer = withoutMapping(socket.remoteAddress ?? '');
    const forwarded = this.#forwarded(request, peer);
    return {
      requestId: isRequestId(headers['x-request-id']) ? headers['x-request-id'] : randomUUID(),
      address: this.#lastUntrusted(forwarded, peer),
      userAgent: headers['user-agent'] ?? '',
      ...this.#reached(request, forwarded),
      certificate: this.settings.certificates?.accountOf(socket),
    };
  }

  #forwarded(request: IncomingMessage, peer: string): Forwarded {
    if (this.settings.proxies.has(peer)) return readForwarded(request.headers);
    if (!this.#warned) this.#warn(request, peer);
    return nothing;
  }

  #reached({ headers, socket }: IncomingMessage, forwarded: Forwarded): Reached {
    const own = schemeOf(socket);
    const scheme = forwarded.scheme ?? own;
    const host = hostOf(forwarded.host) ?? hostOf(headers.host) ?? localHost(socket);
    const certain = own === 'https' || forwarded.scheme !== undefined;
    return { scheme, host, ...this.settings.place({ scheme, host, certain }) };
  }

  /** Returns the rightmost hop that is not our proxy: the client itself wrote everything left of it. */
  #lastUntrusted({ hops }: Forwarded, peer: string): string {
    return hops.findLast((hop) => !this.settings.proxies.has(hop)) ?? peer;
  }

  /** Warns once per process: behind a proxy that is not configured, realms and events begin with http:// and clients fail without a hint. */
  #warn({ headers }: IncomingMessage, peer: string): void {
    const header = [sealHeader, ...forwardedHeaders].find((name) => headers[name] !== undefined);
    if (header === undefined) return;
    this.#warned = true;
    if (header === sealHeader) {
      this.log.warn(
        `what ${peer} says of its client is not believed: services.secret must be there, and the same in api-gateway and blob-service`,
        { header, peer },
      );
      return;
    }
    this.log.warn(
      `the header ${header} of ${peer} is ignored: if a proxy of yours is there, name it in http.trustedproxies, or the address that clients use in http.host`,
      { header, peer },
    );
  }
}

function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && wellFormedRequestId.test(value);
}

function schemeOf(socket: Socket): 'http' | 'https' {
  return 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
}

function hostOf(text: string | undefined): string | undefined {
  return text !== undefined && isHost(text) ? text : undefined;
}

/** HTTP/1.0 needs no Host header; the local address of the connection replaces it. */
function localHost({ localAddress = 'localhost', localPort = 80 }: Socket): string {
  const address = withoutMapping(localAddress);
  return address.includes(':') ? `[${address}]:${localPort}` : `${address}:${localPort}`;
}
