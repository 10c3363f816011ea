import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { CertificateAccounts } from '@longshore/authorization';
import { loadConfiguration } from '@longshore/configuration';
import {
  ClientCertificates,
  clientSealOf,
  CredentialAuthenticator,
  Endpoint,
  FrontSettings,
  json,
  type RegistryRequest,
  type Reply,
  sealHeader,
  ServiceLog,
  tlsListener,
} from '@longshore/service-kit';
import { openDoor, type OpenDoor } from '@longshore/service-kit/testing';
import { createLogger } from '@longshore/telemetry';
import { exchange, TestAuthority, type TestCertificate } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewaySettings } from '../gateway-settings.ts';
import { BlobProxyEndpoints } from './blob-proxy.endpoints.ts';
import { ReplicaPulse } from './replica-pulse.ts';
import { Upstreams } from './upstreams.ts';

const [authority, stranger] = [new TestAuthority('ours'), new TestAuthority('theirs')];
const server = authority.issue({ names: ['IP:127.0.0.1'] });
const ann = authority.issue({ subject: '/CN=ann' });
const unknown = authority.issue({ subject: '/CN=nobody' });
const foreign = stranger.issue({ subject: '/CN=ann' });

const config = loadConfiguration({
  environment: {
    REGISTRY_STORAGE_INMEMORY: '{}',
    REGISTRY_SERVICES_SECRET: 'a secret of the services',
    REGISTRY_AUTH_CERTIFICATE_ACCOUNTS: '[{ from: commonname, match: ann, account: anna }]',
  },
});
const authenticator = new CredentialAuthenticator({
  passwords: undefined,
  tokens: undefined,
  challenge: () => undefined,
});
const rules = config.auth?.certificate?.accounts ?? [];
const front = new FrontSettings({
  seal: clientSealOf(config.services.secret),
  certificates: new ClientCertificates(new CertificateAccounts(rules)),
});

/** Answers with the identity that blob-service has found. */
class Blobs {
  @Endpoint('blob-get')
  async get({ identity }: RegistryRequest): Promise<Reply> {
    return json(identity);
  }
}

const blob = `/v2/team/app/blobs/sha256:${'a'.repeat(64)}`;
let blobs: OpenDoor;
let gateway: OpenDoor;

beforeAll(async () => {
  blobs = await openDoor({ endpoints: [new Blobs()], authenticator, front });
  const upstreams = new Upstreams([blobs.origin]);
  const settings = new GatewaySettings(config);
  const pulse = new ReplicaPulse(upstreams, new ServiceLog(createLogger({ level: 'silent' })), settings);
  const tls = await tlsListener({
    certificate: server.certificate,
    key: server.key,
    clientcas: [authority.certificate],
    clientauth: 'request-client-cert',
  });
  const proxy = new BlobProxyEndpoints(upstreams, pulse, settings);
  gateway = await openDoor({ endpoints: [proxy], authenticator, front, tls });
  return () => pulse.onApplicationShutdown();
});
afterAll(async () => {
  await Promise.all([gateway.close(), blobs.close()]);
  for (const one of [authority, stranger]) one.remove();
});

/** Asks the gateway for a blob. */
async function ask(client?: TestCertificate, headers = {}): Promise<{ status?: number; body: string }> {
  const own = client === undefined ? {} : { cert: client.cert, key: client.secret };
  const asking = request(`${gateway.origin}${blob}`, {
    agent: false,
    rejectUnauthorized: false,
    headers,
    ...own,
  });
  return new Promise((resolve, reject) => {
    asking.once('error', reject);
    asking.once('response', (answer) => {
      void text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
    });
    asking.end();
  });
}

/** Asks blob-service without the gateway. */
const straight = async (sealed: string): Promise<number> =>
  (await exchange(blobs.origin, blob, { headers: { [sealHeader]: sealed } })).status;

describe('the account of a client certificate', () => {
  it('is the same in the gateway and in blob-service', async () => {
    const { status, body } = await ask(ann);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      kind: 'user',
      subject: 'anna',
      groups: [],
      claims: {},
      credential: { kind: 'certificate', id: expect.stringMatching(/^[0-9A-F]+$/), issuer: 'CN=ours' },
    });
    expect(gateway.outcomes.at(-1)?.subject).toBe('anna');
  });

  it.each([
    ['without a certificate', undefined],
    ['with a certificate that no rule names', unknown],
    ['with one of another authority, although request-client-cert lets it in', foreign],
  ])('is nobody’s %s', async (_, client) => {
    const { status, body } = await ask(client);
    expect([status, body]).toEqual([403, expect.stringContaining('DENIED')]);
  });

  it('does not count beside other credentials', async () => {
    expect((await ask(ann, { authorization: 'Basic YW5uOnh4' })).status).toBe(403);
  });

  it('is believed from the gateway only', async () => {
    const account = { kind: 'user', subject: 'anna', serial: '01', issuer: 'CN=ours' } as const;
    const client = {
      requestId: 'request-1',
      address: '203.0.113.9',
      host: 'registry.example',
      scheme: 'https',
      baseUrl: '',
      locationBase: '',
      certificate: account,
    } as const;
    const sealedBy = (secret: string): string =>
      clientSealOf(secret)?.seal(client, { method: 'GET', url: blob }) ?? '';
    expect(await straight(sealedBy('a secret of the services'))).toBe(200);
    expect(await straight(sealedBy('another secret'))).toBe(403);
  });
});
