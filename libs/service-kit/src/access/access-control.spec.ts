import { generateKeyPairSync, sign } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import {
  anyone,
  type ChallengeSettings,
  type Decision,
  FixedKeys,
  type Identity,
  newAccessToken,
  PolicyRights,
  Rights,
  type RightsQuestion,
  type View,
  TokenVerifier,
  userNamed,
} from '@longshore/authorization';
import { matchRoute, OciError } from '@longshore/oci';
import { describe, expect, it } from 'vitest';
import type { ClientFacts } from '../http/client-facts.ts';
import { AccessControl } from './access-control.ts';
import { NoAuthentication } from './authenticator.ts';
import { CredentialAuthenticator, type CredentialOptions } from './credential-authenticator.ts';
import { PasswordCache } from './password-cache.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuer = { issuer: 'auth.example', audience: 'registry.example', own: true };

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Makes a token as our auth-service does, valid for a minute. */
function tokenFor(name: string, actions: readonly string[], claims: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: 'ES256', kid: 'one', typ: 'JWT' })}.${part({
    iss: issuer.issuer,
    aud: issuer.audience,
    sub: 'ann',
    exp: now + 60,
    access: [{ type: 'repository', name, actions }],
    ...claims,
  })}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
const tokens = new TokenVerifier({
  issuers: [{ ...issuer, algorithms: ['ES256'], keys: new FixedKeys([{ ...jwk, kty: 'EC' }]) }],
});
const robot: Identity = {
  ...userNamed('ci'),
  kind: 'robot',
  credential: { kind: 'access-token', id: 'one' },
};
const robotToken = newAccessToken('robot').secret;
const passwords = new PasswordCache(async ({ username, password }) => {
  if (password === robotToken) return { subject: 'ci', identity: robot };
  return username === 'ann' && password === 'secret' ? { subject: 'ann' } : { refused: true };
});

const client: ClientFacts = {
  requestId: 'request-1',
  address: '198.51.100.7',
  host: 'registry.example',
  scheme: 'https',
  userAgent: '',
  baseUrl: 'https://registry.example',
  locationBase: '',
};
const bearer = (): ChallengeSettings => ({
  kind: 'bearer',
  realm: 'https://registry.example/auth/token',
  service: issuer.audience,
});
const basic = (): ChallengeSettings => ({ kind: 'basic', realm: 'Registry' });
const by = (options: CredentialOptions): AccessControl =>
  new AccessControl(new CredentialAuthenticator(options), new PolicyRights());
const both = by({ passwords, tokens, challenge: bearer });

async function ask(control: AccessControl, line: string, authorization?: string) {
  const [method = '', url = ''] = line.split(' ');
  const request = new IncomingMessage(new Socket());
  if (authorization !== undefined) request.headers = { authorization };
  return control.admit(matchRoute(method, url), request, client);
}

async function refusal(asking: Promise<unknown>): Promise<OciError> {
  try {
    await asking;
  } catch (error) {
    if (error instanceof OciError) return error;
    throw error;
  }
  throw new Error('the request was admitted');
}

const basicCredentials = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const pull = 'GET /v2/team/app/manifests/latest';
const push = 'PUT /v2/team/app/manifests/latest';

describe('AccessControl', () => {
  it('admits a right password, and identifies its account', async () => {
    expect(await ask(both, push, basicCredentials('ann:secret'))).toMatchObject({ subject: 'ann' });
  });

  it('admits what a token grants, and no more', async () => {
    const authorization = `Bearer ${tokenFor('team/app', ['pull'])}`;
    expect(await ask(both, pull, authorization)).toMatchObject({
      subject: 'ann',
      credential: { kind: 'token' },
    });
    const refused = await refusal(ask(both, push, authorization));
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="https://registry.example/auth/token",service="registry.example",scope="repository:team/app:pull,push",error="insufficient_scope"',
    );
  });

  it.each([
    ['no credentials', undefined, 'no credentials were sent'],
    ['a wrong password', basicCredentials('ann:wrong'), 'the credentials are not valid'],
    [
      'an expired token',
      `Bearer ${tokenFor('team/app', ['pull'], { exp: 1 })}`,
      'the token is not valid: expired',
    ],
    ['a token for less', `Bearer ${tokenFor('team/app', [])}`, 'the credentials do not allow this'],
  ])(
    'has a detail for %s, without which distribution-based clients show no message',
    async (_, sent, reason) => {
      const { entries } = await refusal(ask(both, pull, sent));
      expect(entries).toEqual([
        { code: 'UNAUTHORIZED', message: 'authentication required', detail: { reason } },
      ]);
    },
  );

  it('opens no other repository, however its name begins', async () => {
    const authorization = `Bearer ${tokenFor('team/app', ['pull'])}`;
    const refused = await refusal(ask(both, 'GET /v2/team/app2/manifests/latest', authorization));
    expect(refused.status).toBe(401);
  });

  it('challenges a first request without credentials, without calling it an error', async () => {
    const refused = await refusal(ask(both, 'GET /v2/'));
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="https://registry.example/auth/token",service="registry.example"',
    );
  });

  it('asks for the source of a mount, too', async () => {
    const refused = await refusal(ask(both, 'POST /v2/team/app/blobs/uploads/?mount=x&from=team/base'));
    expect(refused.headers['www-authenticate']).toContain(
      'scope="repository:team/app:pull,push repository:team/base:pull"',
    );
  });

  it.each([
    ['an expired token', `Bearer ${tokenFor('team/app', ['pull'], { exp: 1 })}`],
    ['a token for another registry', `Bearer ${tokenFor('team/app', ['pull'], { aud: 'elsewhere' })}`],
    ['a token that was changed', `Bearer ${tokenFor('team/app', ['pull'])}x`],
    ['a wrong password', basicCredentials('ann:wrong')],
    ['an unknown account', basicCredentials('bob:secret')],
    ['a scheme that nobody knows', 'Digest abc'],
    ['Basic credentials without a colon', basicCredentials('annsecret')],
  ])('refuses %s with the challenge', async (_, authorization) => {
    const refused = await refusal(ask(both, pull, authorization));
    expect([refused.code, refused.status]).toEqual(['UNAUTHORIZED', 401]);
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer realm=/);
    expect(refused.body()).not.toContain('secret');
  });

  it('refuses tokens if none are configured, and asks for Basic', async () => {
    const control = by({ passwords, tokens: undefined, challenge: basic });
    const refused = await refusal(ask(control, pull, `Bearer ${tokenFor('team/app', ['pull'])}`));
    expect(refused.headers['www-authenticate']).toBe('Basic realm="Registry", charset="UTF-8"');
  });

  it('takes an access token as Bearer and as the password of Basic, under any name, and no other one', async () => {
    for (const control of [both, by({ passwords, tokens: undefined, challenge: basic })]) {
      for (const header of [
        `Bearer ${robotToken}`,
        basicCredentials(`x:${robotToken}`),
        basicCredentials(`ann:${robotToken}`),
      ])
        expect(await ask(control, pull, header), header).toBe(robot);
      const other = newAccessToken('robot').secret;
      for (const header of [`Bearer ${other}`, basicCredentials(`ann:${other}`)])
        expect((await refusal(ask(control, pull, header))).status).toBe(401);
    }
    const without = by({ passwords: undefined, tokens, challenge: bearer });
    expect((await refusal(ask(without, pull, `Bearer ${robotToken}`))).status).toBe(401);
  });

  it('refuses passwords if no accounts are configured', async () => {
    const control = by({ passwords: undefined, tokens, challenge: bearer });
    expect((await refusal(ask(control, pull, basicCredentials('ann:secret')))).status).toBe(401);
  });

  it('does not report a failure of the auth-service as a wrong password', async () => {
    const away = new PasswordCache(() => Promise.reject(new OciError('UNAVAILABLE')));
    const control = by({ passwords: away, tokens, challenge: bearer });
    expect((await refusal(ask(control, pull, basicCredentials('ann:secret')))).status).toBe(503);
  });

  it('admits everybody anonymously if nothing is configured', () => {
    const control = new AccessControl(new NoAuthentication(), new PolicyRights());
    // Synchronously: a registry without accounts waits for nothing.
    expect(control.admit(matchRoute('GET', '/v2/'), new IncomingMessage(new Socket()), client)).toBe(anyone);
  });

  it('accepts a token that it has verified before synchronously', async () => {
    const authorization = `Bearer ${tokenFor('team/app', ['pull'])}`;
    await ask(both, pull, authorization);
    const request = new IncomingMessage(new Socket());
    request.headers = { authorization };
    expect(both.admit(matchRoute('GET', '/v2/team/app/manifests/latest'), request, client)).toMatchObject({
      subject: 'ann',
    });
  });
});

/** Policies on another service. */
class RemoteRights extends Rights {
  readonly asked: RightsQuestion[] = [];
  answer: () => Promise<Decision> = async () => ({ granted: [], reason: 'the policy says no' });

  override decide(question: RightsQuestion): Promise<Decision> {
    this.asked.push(question);
    return this.answer();
  }

  override viewOf(): View {
    return { ranges: undefined, shows: () => false };
  }
}

describe('AccessControl, with rights that are asked elsewhere', () => {
  const rights = new RemoteRights();
  const control = new AccessControl(
    new CredentialAuthenticator({ passwords, tokens, challenge: bearer }),
    rights,
  );
  const secret = basicCredentials('ann:secret');

  it('tells them who asks for what, and how the client came', async () => {
    rights.answer = async () => ({ granted: ['pull', 'push'], reason: '' });
    expect(await ask(control, push, secret)).toMatchObject({ kind: 'user', subject: 'ann' });
    expect(rights.asked.at(-1)).toEqual({
      identity: {
        kind: 'user',
        subject: 'ann',
        groups: [],
        claims: {},
        credential: { kind: 'password' },
      },
      resource: { type: 'repository', name: 'team/app', tag: 'latest' },
      actions: ['pull', 'push'],
      client,
    });
  });

  it('asks them about anonymous clients, too, and gives their reason', async () => {
    rights.answer = async () => ({ granted: ['pull'], reason: 'only pulls are public' });
    expect(await ask(control, pull)).toMatchObject({ kind: 'anonymous' });
    const refused = await refusal(ask(control, push));
    expect([refused.status, refused.entries[0]?.detail]).toEqual([401, { reason: 'only pulls are public' }]);
  });

  it('does not treat a missing answer as a refusal', async () => {
    rights.answer = () => Promise.reject(new OciError('UNAVAILABLE'));
    expect((await refusal(ask(control, pull, secret))).status).toBe(503);
  });

  it('denies if no credentials would help', async () => {
    rights.answer = async () => ({ granted: [], reason: 'nobody pushes here' });
    const open = new AccessControl(new NoAuthentication(), rights);
    const refused = await refusal(ask(open, push));
    expect([refused.code, refused.status, refused.headers]).toEqual(['DENIED', 403, {}]);
  });
});
