import { anonymous, type Identity, userNamed } from '@longshore/authorization';
import { Metrics } from '@longshore/telemetry';
import { exchange } from '@longshore/testing';
import { Controller, Get } from '@nestjs/common';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Authenticator, BadCredentials } from '../access/authenticator.ts';
import { guardedBy } from '../access/guarded-by.ts';
import { Endpoint } from '../endpoints/endpoint.decorator.ts';
import { ClientSeal, sealHeader } from '../http/client-seal.ts';
import { FrontSettings } from '../http/front-settings.ts';
import { empty, type Reply } from '../http/reply.ts';
import { openDoor, type OpenDoor } from '../testing/open-door.ts';
import { noRateLimits, RateLimits, type RateRules } from './rate-limits.ts';

const facts = {
  requestId: 'abcdefgh-1234',
  address: '127.0.0.1',
  host: 'x',
  scheme: 'http',
  baseUrl: 'http://x',
  locationBase: '',
} as const;
const manifest = '/v2/team/app/manifests/latest';
const digest = `sha256:${'a'.repeat(64)}`;

let handled = 0;
class Endpoints {
  @Endpoint('manifest-get')
  async manifest(): Promise<Reply> {
    handled += 1;
    return empty(200);
  }

  @Endpoint('blob-get')
  async blob(): Promise<Reply> {
    return empty(200);
  }
}

@Controller()
class Api {
  @Get('api/v1/me')
  @guardedBy({ methods: [], templates: [], spec: '', access: { kind: 'identity' }, at: 'api-gateway' })
  me(): string {
    return 'known';
  }

  @Get('auth/token')
  @guardedBy({ methods: [], templates: [], spec: '', access: { kind: 'open' }, at: 'api-gateway' })
  token(): string {
    return 'a token';
  }
}

/** Takes the header Authorization for an identity. */
class Named extends Authenticator {
  override identify({ headers: { authorization } }: IncomingMessage): Identity {
    if (authorization === undefined) return anonymous;
    const [kind, subject = '', ...groups] = authorization.split(' ');
    if (kind === 'user') return { ...userNamed(subject), groups };
    if (kind === 'robot') return { ...userNamed(subject), kind };
    throw new BadCredentials('these credentials are not valid');
  }

  override challenge() {
    return { kind: 'basic', realm: 'test' } as const;
  }
}

const seal = new ClientSeal('secret of a test '.repeat(3));
let door: OpenDoor | undefined;
afterEach(() => door?.close());

async function opened(rules: Partial<RateRules>, authenticator?: Authenticator): Promise<OpenDoor> {
  handled = 0;
  door = await openDoor({
    endpoints: [new Endpoints()],
    controllers: [Api],
    limits: { ...noRateLimits, ...rules },
    front: new FrontSettings({ trustedProxies: ['127.0.0.1'], seal }),
    ...(authenticator === undefined ? {} : { authenticator }),
  });
  return door;
}

const rule = (limits: Partial<RateRules['pulls']>) => ({
  window: 60_000,
  anonymous: 0,
  accounts: 0,
  exceptions: [],
  ...limits,
});
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const as = (authorization: string) => ({ headers: { authorization } });

describe('the limits of a door', () => {
  it('tells what is left as Docker Hub does, and refuses with Retry-After', async () => {
    const { origin } = await opened({ pulls: rule({ anonymous: 2, window: 21_600_000 }) });
    const told = async (method: string) => {
      const { status, headers } = await exchange(origin, manifest, { method });
      const names = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'];
      return [status, ...names.map((name) => headers[name])];
    };
    expect(await told('HEAD')).toEqual([200, '2;w=21600', '2;w=21600', '0', undefined]);
    expect(await told('GET')).toEqual([200, '2;w=21600', '1;w=21600', '10800', undefined]);
    expect(await told('HEAD')).toEqual([200, '2;w=21600', '1;w=21600', '10800', undefined]);
    expect(await told('GET')).toEqual([200, '2;w=21600', '0;w=21600', '21600', undefined]);
    expect(await told('GET')).toEqual([429, '2;w=21600', '0;w=21600', '21600', '10800']);
    expect(handled).toBe(4);
    const refused = await exchange(origin, manifest);
    expect(refused.json().errors).toEqual([
      {
        code: 'TOOMANYREQUESTS',
        message: 'too many requests',
        detail: { reason: '2 pulls in 21600 s are allowed; try again in 10800 s' },
      },
    ]);
    const blob = await exchange(origin, `/v2/team/app/blobs/${digest}`);
    expect([blob.status, blob.headers['ratelimit-limit']]).toEqual([200, undefined]);
  });

  it('counts the clients of one network together: an IPv4 address, an IPv6 /64', async () => {
    const { origin } = await opened({ requests: rule({ anonymous: 1 }) });
    const status = async (address: string) => (await exchange(origin, manifest, from(address))).status;
    const statuses = [];
    for (const address of [
      '192.0.2.1',
      '192.0.2.1',
      '192.0.2.2',
      '2001:db8::1',
      '2001:db8::2',
      '2001:db8:0:1::1',
    ])
      statuses.push(await status(address));
    expect(statuses).toEqual([200, 429, 200, 200, 429, 200]);
  });

  it('counts accounts apart from their network and from others, with exceptions', async () => {
    const exceptions = [
      { subjects: ['robot:ci', 'group:dev'], limit: 2 },
      { subjects: ['user:root'], limit: 0 },
    ];
    const { origin } = await opened(
      { requests: rule({ anonymous: 1, accounts: 1, exceptions }) },
      new Named(),
    );
    const passed = async (who: string) => {
      const statuses = [];
      for (let times = 0; times < 3; times += 1)
        statuses.push((await exchange(origin, '/api/v1/me', as(who))).status);
      return statuses.filter((status) => status === 200).length;
    };
    const users = ['user ann', 'user bob', 'user ci', 'robot ci', 'user dan dev', 'user root'];
    const counts = [];
    for (const user of users) counts.push(await passed(user));
    expect(counts).toEqual([1, 1, 1, 2, 2, 3]);
  });

  it('does not count requests that are answered 401, so that anonymous clients keep no account of their network out', async () => {
    const { origin } = await opened({ requests: rule({ anonymous: 1, accounts: 9 }) }, new Named());
    const statuses = [];
    for (const path of ['/auth/token', '/auth/token', '/api/v1/me', '/v2/', '/api/v1/me'])
      statuses.push((await exchange(origin, path)).status);
    expect(statuses).toEqual([200, 429, 401, 401, 401]);
    expect((await exchange(origin, '/api/v1/me', as('nonsense'))).status).toBe(401);
    expect((await exchange(origin, '/auth/token', as('user ann'))).status).toBe(200);
    expect((await exchange(origin, '/api/v1/me', as('user ann'))).headers).toMatchObject({
      'ratelimit-limit': '9;w=60',
      'ratelimit-remaining': '8;w=60',
    });
  });

  it('counts nothing that the gateway has forwarded, nor a probe', async () => {
    const { origin } = await opened({ requests: rule({ anonymous: 1 }) });
    expect((await exchange(origin, manifest)).status).toBe(200);
    expect((await exchange(origin, manifest)).status).toBe(429);
    const headers = { [sealHeader]: seal.seal(facts, { method: 'GET', url: manifest }) };
    const forwarded = await exchange(origin, manifest, { headers });
    expect([forwarded.status, forwarded.headers['ratelimit-limit']]).toEqual([200, undefined]);
    expect((await exchange(origin, '/')).status).toBe(200);
  });

  it('has no headers without limits', async () => {
    const { origin } = await opened({});
    expect(Object.keys((await exchange(origin, manifest)).headers).join(' ')).not.toContain('ratelimit');
  });

  it('has series of the clients that it remembers and of those that it refused', async () => {
    const metrics = new Metrics({ service: 'test' });
    const limits = new RateLimits({ rules: { ...noRateLimits, pulls: rule({ anonymous: 1 }) }, metrics });
    const client = { ...facts, requestId: 'a', userAgent: '' };
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const admit = (): void => limits.admit({ client, identity: anonymous, response }, 'counted');
    admit();
    for (let round = 0; round < 2; round += 1) expect(admit).toThrow('too many requests');
    const text = await metrics.registry.metrics();
    expect(text.match(/^longshore_rate_limit.* [1-9]\d*$/gm)).toEqual([
      'longshore_rate_limited_total{limit="pulls",whose="address",service="test"} 2',
      'longshore_rate_limit_clients{limit="pulls",service="test"} 1',
    ]);
  });
});
