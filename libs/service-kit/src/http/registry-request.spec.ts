import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { anyone, PlainRights } from '@longshore/authorization';
import { matchRoute } from '@longshore/oci';
import { describe, expect, it } from 'vitest';
import { RegistryRequest } from './registry-request.ts';

const client = {
  requestId: 'request-1',
  address: '198.51.100.7',
  host: 'registry.example',
  scheme: 'https' as const,
  userAgent: '',
  baseUrl: 'https://registry.example',
  locationBase: 'https://registry.example',
};

function requestWith(headers: IncomingMessage['headers']): RegistryRequest {
  const body = new IncomingMessage(new Socket());
  body.headers = headers;
  return new RegistryRequest(body, new ServerResponse(body), {
    match: matchRoute('GET', '/v2/'),
    identity: anyone,
    client,
    rights: new PlainRights(),
  });
}

describe('RegistryRequest', () => {
  it.each([
    ['"a"', true],
    ['"b", W/"a"', true],
    ['*', true],
    [' * ', true],
    ['"b"', false],
    ['', false],
  ])('knows by If-None-Match: %s whether the client has the version "a"', (condition, known) => {
    expect(requestWith({ 'if-none-match': condition }).knows('"a"')).toBe(known);
    expect(requestWith({}).knows('"a"')).toBe(false);
  });

  it('tells a path as a Location with the base that the client is given', () => {
    expect(requestWith({}).located('/v2/')).toBe('https://registry.example/v2/');
  });
});
