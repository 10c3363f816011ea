import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { clientFacts, TrustedProxies } from './client-facts.ts';

function requestFrom(remoteAddress: string, headers: IncomingMessage['headers'] = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  request.headers = headers;
  return request;
}

const nobody = new TrustedProxies([]);
const ours = new TrustedProxies(['10.0.0.0/8', 'fd00::/8']);
const forged = {
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  host: 'registry.example',
};

describe('clientFacts', () => {
  it('ignores forwarded headers from an address that is not trusted', () => {
    expect(clientFacts(requestFrom('198.51.100.7', forged), ours)).toMatchObject({
      address: '198.51.100.7',
      scheme: 'http',
      host: 'registry.example',
    });
  });

  it('trusts nobody unless it is told to', () => {
    expect(clientFacts(requestFrom('10.1.2.3', forged), nobody).address).toBe('10.1.2.3');
  });

  it('believes a trusted proxy', () => {
    expect(clientFacts(requestFrom('10.1.2.3', forged), ours)).toMatchObject({
      address: '203.0.113.9',
      scheme: 'https',
      host: 'evil.example',
    });
  });

  it('takes the rightmost hop that is no proxy of ours: what stands left of it the client wrote itself', () => {
    const headers = { 'x-forwarded-for': '1.2.3.4, 203.0.113.9, 10.9.9.9' };
    expect(clientFacts(requestFrom('10.1.2.3', headers), ours).address).toBe('203.0.113.9');
  });

  it('falls back on the peer when the chain holds no address', () => {
    const headers = { 'x-forwarded-for': 'unknown, _hidden, 10.9.9.9' };
    expect(clientFacts(requestFrom('10.1.2.3', headers), ours).address).toBe('10.1.2.3');
  });

  it('knows an IPv4 peer on an IPv6 socket', () => {
    expect(clientFacts(requestFrom('::ffff:10.1.2.3', forged), ours).address).toBe('203.0.113.9');
    expect(clientFacts(requestFrom('fd12::1', forged), ours).address).toBe('203.0.113.9');
  });

  it('gives no host that could end a header or a URL', () => {
    expect(clientFacts(requestFrom('198.51.100.7', { host: 'a/b@c"' }), ours).host).toBe('');
  });

  it('makes an id of its own where the client sends none that is fit for a log', () => {
    const ids = ['short', 'x'.repeat(65), 'new\nline-in-it'].map(
      (id) => clientFacts(requestFrom('::1', { 'x-request-id': id }), ours).requestId,
    );
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });
});
