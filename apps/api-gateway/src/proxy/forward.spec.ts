import { describe, expect, it } from 'vitest';
import type { IncomingHttpHeaders } from 'node:http';
import { type ClientFacts, ClientSeal } from '@longshore/service-kit';
import { forwardedReplyHeaders, forwardedRequestHeaders } from './forward.ts';

const client: ClientFacts = {
  address: '198.51.100.7',
  scheme: 'https',
  host: 'registry.example',
  requestId: 'request-1',
  userAgent: 'probe/1',
  baseUrl: 'https://registry.example',
  locationBase: '',
};

function forwarded(headers: IncomingHttpHeaders, seal?: ClientSeal): Record<string, string | string[]> {
  return forwardedRequestHeaders({ headers, client, method: 'GET', url: '/v2/' }, seal);
}

describe('forwardedRequestHeaders', () => {
  it('keeps headers of the request, and drops those of the connection', () => {
    const headers = { range: 'bytes=0-1', te: 'trailers', connection: 'keep-alive', expect: '100-continue' };
    expect(forwarded(headers)).toEqual({
      range: 'bytes=0-1',
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'registry.example',
      'x-request-id': 'request-1',
      'longshore-client': 'none',
    });
  });

  it('seals the identity of the client, and drops a seal that the client sent', () => {
    const seal = new ClientSeal('a secret');
    const sealed = forwarded({ 'longshore-client': 'forged' }, seal)['longshore-client'];
    const { userAgent: _, ...facts } = client;
    expect(seal.open(String(sealed), { method: 'GET', url: '/v2/' })).toEqual(facts);
    expect(forwarded({ 'longshore-client': 'forged' })['longshore-client']).toBe('none');
  });

  it('drops what the Connection header names as well', () => {
    const headers = { connection: 'keep-alive, X-Hop', 'x-hop': '1', 'x-stays': '2' };
    expect(forwarded(headers)).toMatchObject({ 'x-stays': '2' });
    expect(forwarded(headers)).not.toHaveProperty('x-hop');
  });

  it('lets no client choose its identity', () => {
    const forged = {
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-host': 'evil.example',
      'x-request-id': 'another',
    };
    expect(forwarded(forged)).toMatchObject({
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-host': 'registry.example',
      'x-request-id': 'request-1',
    });
  });
});

describe('forwardedReplyHeaders', () => {
  it('keeps what speaks of the answer, and leaves date and connection to our own server', () => {
    const headers = {
      'content-length': '3',
      'www-authenticate': 'Basic',
      'transfer-encoding': 'chunked',
      'keep-alive': 'timeout=5',
      date: 'Thu, 01 Jan 1970 00:00:00 GMT',
    };
    expect(forwardedReplyHeaders(headers)).toEqual({ 'content-length': '3', 'www-authenticate': 'Basic' });
  });
});
