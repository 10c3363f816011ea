import { describe, expect, it } from 'vitest';
import { exchange } from '@longshore/testing';
import { Endpoint } from '../endpoints/endpoint.decorator.ts';
import { openDoor } from '../testing/open-door.ts';
import { ClientSeal, type SealedFacts, sealHeader } from './client-seal.ts';
import { FrontSettings } from './front-settings.ts';
import type { RegistryRequest } from './registry-request.ts';
import { json, type Reply } from './reply.ts';

const facts: SealedFacts = {
  requestId: 'request-1',
  address: '203.0.113.9',
  host: 'registry.example',
  scheme: 'https',
  baseUrl: 'https://registry.example',
  locationBase: 'https://registry.example',
  certificate: { kind: 'user', subject: 'ann', serial: '0A', issuer: 'CN=people' },
  trace: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
};
const message = { method: 'GET', url: '/v2/' };
const seal = new ClientSeal('a secret of the deployment');

describe('ClientSeal', () => {
  it('opens what it sealed, in another process with the same secret', () => {
    const sealed = seal.seal(facts, message);
    expect(new ClientSeal('a secret of the deployment').open(sealed, message)).toEqual(facts);
  });

  it('rejects a seal of another secret or request, and a changed one', () => {
    const sealed = seal.seal(facts, message);
    const [text = '', tag = ''] = sealed.split('.');
    const forged = Buffer.from(JSON.stringify({ ...facts, address: '10.0.0.1' })).toString('base64url');
    expect(new ClientSeal('another').open(sealed, message)).toBeUndefined();
    expect(seal.open(sealed, { ...message, method: 'DELETE' })).toBeUndefined();
    expect(seal.open(sealed, { ...message, url: '/v2/_catalog' })).toBeUndefined();
    for (const changed of ['', '.', text, `${forged}.${tag}`, `${text}.${tag.slice(1)}`, `${text}.`, '\0'])
      expect(seal.open(changed, message)).toBeUndefined();
  });
});

class Told {
  @Endpoint('base')
  async base({ client }: RegistryRequest): Promise<Reply> {
    return json(client);
  }
}

describe('a service behind the gateway', () => {
  it('trusts the seal and no other header; without a valid seal the peer is the client', async () => {
    const door = await openDoor({ endpoints: [new Told()], front: new FrontSettings({ seal }) });
    const forwarded = { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-host': 'evil.example' };
    const ask = async (sealed: string): Promise<unknown> => {
      const headers = { [sealHeader]: sealed, 'user-agent': 'probe/1', ...forwarded };
      return (await exchange(door.origin, '/v2/', { headers })).json();
    };
    try {
      expect(await ask(seal.seal(facts, message))).toEqual({
        ...facts,
        userAgent: 'probe/1',
        isForwarded: true,
      });
      const stranger = new ClientSeal('another').seal(facts, message);
      expect(await ask(stranger)).toMatchObject({ address: '127.0.0.1', scheme: 'http' });
    } finally {
      await door.close();
    }
  });
});
