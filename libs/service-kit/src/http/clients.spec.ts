import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { createLogger } from '@longshore/telemetry';
import { describe, expect, it } from 'vitest';
import { ServiceLog } from '../observation/service-log.ts';
import type { ClientFacts } from './client-facts.ts';
import { Clients } from './clients.ts';
import { type FrontOptions, FrontSettings } from './front-settings.ts';

interface Arrival {
  readonly peer?: string;
  readonly headers?: IncomingHttpHeaders;
  readonly tls?: boolean;
}

function arrived({ peer = '10.1.2.3', headers = {}, tls = false }: Arrival): IncomingMessage {
  const socket = new Socket();
  Object.defineProperties(socket, {
    remoteAddress: { value: peer },
    localAddress: { value: '10.0.0.1' },
    localPort: { value: 5000 },
    ...(tls ? { encrypted: { value: true } } : {}),
  });
  const request = new IncomingMessage(socket);
  request.headers = headers;
  return request;
}

function clients(options: FrontOptions = {}) {
  const lines: string[] = [];
  const log = new ServiceLog(createLogger({}, { write: (line) => void lines.push(line) }));
  const subject = new Clients(
    new FrontSettings({ trustedProxies: ['10.0.0.0/8', 'fd00::/8'], ...options }),
    log,
  );
  return { lines, of: (arrival: Arrival): ClientFacts => subject.of(arrived(arrival)) };
}

const forged = {
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  host: 'registry.example',
};

describe('Clients, whom to believe', () => {
  it('ignores forwarded headers from an address that is not trusted', () => {
    expect(clients().of({ peer: '198.51.100.7', headers: forged })).toMatchObject({
      address: '198.51.100.7',
      scheme: 'http',
      host: 'registry.example',
    });
  });

  it('trusts no proxy by default', () => {
    expect(clients({ trustedProxies: [] }).of({ headers: forged }).address).toBe('10.1.2.3');
  });

  it('trusts a configured proxy, also on an IPv6 socket', () => {
    for (const peer of ['10.1.2.3', '::ffff:10.1.2.3', '::FFFF:10.1.2.3', 'fd12::1']) {
      expect(clients().of({ peer, headers: forged })).toMatchObject({
        address: '203.0.113.9',
        scheme: 'https',
        host: 'evil.example',
      });
    }
  });

  it('warns at the first header that it ignores, and only then', () => {
    const { lines, of } = clients();
    const stranger = { peer: '172.17.0.1', headers: { 'x-forwarded-proto': 'https', host: 'registry' } };
    of({ headers: forged });
    expect(lines).toEqual([]);
    of(stranger);
    of(stranger);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      msg: expect.stringMatching(/x-forwarded-proto of 172\.17\.0\.1 .*http\.trustedproxies.*http\.host/),
    });
  });
});

/** Returns scheme, host and address, behind a trusted proxy, for a client that named registry.example. */
const told = (headers: IncomingHttpHeaders): string => {
  const { scheme, host, address } = clients().of({ headers: { host: 'registry.example', ...headers } });
  return `${scheme} ${host} ${address}`;
};

describe('Clients, what proxies write', () => {
  it.each<[IncomingHttpHeaders, string]>([
    // The first element of a list is the nearest to the client (AWS ALB writes "https,https").
    [{ 'x-forwarded-proto': 'https,https' }, 'https registry.example 10.1.2.3'],
    [{ 'x-forwarded-proto': ' HTTPS , http' }, 'https registry.example 10.1.2.3'],
    [{ 'x-forwarded-host': 'a.example:8443, b.example' }, 'http a.example:8443 10.1.2.3'],
    // An empty or unreadable value is ignored.
    [{ 'x-forwarded-host': '', 'x-forwarded-proto': '' }, 'http registry.example 10.1.2.3'],
    [{ 'x-forwarded-host': ' , a.example' }, 'http a.example 10.1.2.3'],
    [{ 'x-forwarded-host': 'not a/host', 'x-forwarded-proto': 'gopher' }, 'http registry.example 10.1.2.3'],
    // The rightmost hop that is not our proxy: the client wrote everything left of it.
    [{ 'x-forwarded-for': '1.2.3.4, 203.0.113.9, 10.9.9.9' }, 'http registry.example 203.0.113.9'],
    [{ 'x-forwarded-for': 'unknown, _hidden, 10.9.9.9' }, 'http registry.example 10.1.2.3'],
    [{ 'x-forwarded-for': '203.0.113.9:4711, 10.9.9.9:80' }, 'http registry.example 203.0.113.9'],
    [{ 'x-forwarded-for': '[2001:db8::1]:4711' }, 'http registry.example 2001:db8::1'],
    [{ 'x-forwarded-for': '2001:db8::1' }, 'http registry.example 2001:db8::1'],
    // RFC 7239.
    [
      { forwarded: 'for=203.0.113.9;proto=https;host=a.example:8443, for=10.9.9.9;proto=http;host=b' },
      'https a.example:8443 203.0.113.9',
    ],
    [
      { forwarded: 'For="[2001:db8::1]:4711"; Proto=HTTPS; Host="a.example:8443"' },
      'https a.example:8443 2001:db8::1',
    ],
    [{ forwarded: 'for=unknown, by=_x' }, 'http registry.example 10.1.2.3'],
    [{ forwarded: 'for="a, b;host=evil.example"' }, 'http registry.example 10.1.2.3'],
    [{ forwarded: ';;,,=,for=' }, 'http registry.example 10.1.2.3'],
    // A proxy that writes X-Forwarded-For passes on the client's Forwarded header.
    [
      { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=1.2.3.4;host=evil.example' },
      'http registry.example 203.0.113.9',
    ],
  ])('reads %j', (headers, expected) => {
    expect(told(headers)).toBe(expected);
  });

  it('reads 32 KiB of a header in no time', () => {
    const began = performance.now();
    told({ forwarded: 'for="\\'.repeat(6000) });
    told({ forwarded: ' ;'.repeat(16_000) });
    told({ 'x-forwarded-for': ','.repeat(32_000) });
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('Clients, names', () => {
  it('never gives an empty host, or one that could end a header or a URL', () => {
    const { of } = clients();
    const local = '10.0.0.1:5000';
    expect(of({}).host).toBe(local);
    expect(of({ headers: { host: '' } }).host).toBe(local);
    expect(of({ headers: { host: 'a/b@c"', 'x-forwarded-host': 'd e' } }).host).toBe(local);
  });

  it('makes an id of its own where the client sends none that is fit for a log', () => {
    for (const id of ['short', 'x'.repeat(65), 'new\nline-in-it']) {
      expect(clients().of({ headers: { 'x-request-id': id } }).requestId).toMatch(
        /^[0-9a-f]{8}-[0-9a-f-]{27}$/,
      );
    }
  });
});

describe('Clients, Locations', () => {
  const host = 'registry.example:8443';
  const plain: Arrival = { peer: '198.51.100.7', headers: { host } };
  const proxied: Arrival = { headers: { host, 'x-forwarded-proto': 'https' } };
  const secured: Arrival = { ...plain, tls: true };
  const configured = { host: 'https://public.example/' };

  it.each<[string, FrontOptions, Arrival, string]>([
    ['relative where a proxy may end TLS', {}, plain, ''],
    ['relative behind a trusted proxy that does not name the scheme', {}, { headers: { host } }, ''],
    ['absolute on TLS of our own', {}, secured, `https://${host}`],
    ['absolute behind a trusted proxy', {}, proxied, `https://${host}`],
    ['absolute with http.host', configured, plain, 'https://public.example'],
    ['relative when told so', { ...configured, relativeUrls: true }, proxied, ''],
    ['absolute when told so', { relativeUrls: false }, plain, `http://${host}`],
  ])('are %s', (_, options, arrival, expected) => {
    expect(clients(options).of(arrival).locationBase).toBe(expected);
  });

  it('tells where the registry is, whatever its Locations are', () => {
    expect(clients({ relativeUrls: true }).of(proxied).baseUrl).toBe(`https://${host}`);
    expect(clients(configured).of(plain).baseUrl).toBe('https://public.example');
  });
});
