import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import {
  anyone,
  type Decision,
  PolicyRights,
  Rights,
  type RightsQuestion,
  type View,
} from '@longshore/authorization';
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

/** Rights that let everybody pull, and answer asynchronously. */
class LateRights extends Rights {
  override decide({ actions }: RightsQuestion): Promise<Decision> {
    const granted = actions.filter((action) => action === 'pull');
    return Promise.resolve({ granted, reason: 'pulls only' });
  }

  override viewOf(): View {
    return { ranges: undefined, shows: () => false };
  }
}

function requestWith(
  headers: IncomingMessage['headers'],
  rights: Rights = new PolicyRights(),
): RegistryRequest {
  const body = new IncomingMessage(new Socket());
  body.headers = headers;
  return new RegistryRequest(body, new ServerResponse(body), {
    match: matchRoute('GET', '/v2/'),
    identity: anyone,
    client,
    rights,
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

  it('says what the client may do besides, at once or when the rights have answered', async () => {
    expect(requestWith({}).may('push', 'team/app')).toBe(true);
    const late = requestWith({}, new LateRights());
    expect([await late.may('pull', 'team/app'), await late.may('push', 'team/app')]).toEqual([true, false]);
  });
});
