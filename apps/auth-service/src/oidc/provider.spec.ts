import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { Egress } from '@longshore/service-kit';
import { portOf } from '@longshore/testing';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload as StrictPayload } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderSettings } from './oidc-settings.ts';
import { OidcProvider, type Secrets } from './provider.ts';

const egress = new Egress({ networks: [], plainhosts: [], deadline: 800 });
const pair = await generateKeyPair('RS256', { extractable: true });
const rotated = await generateKeyPair('RS256', { extractable: true });
const stranger = await generateKeyPair('RS256', { extractable: true });

/** An undefined claim is left out. */
type JWTPayload = { readonly [claim: string]: unknown };

type Answer = (response: ServerResponse) => void;
const json =
  (document: unknown): Answer =>
  (response) =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify(document));

/** What the server answers at each path. A test replaces an answer. */
let answers: Record<string, Answer> = {};
let asked: string[] = [];
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://a').pathname;
  asked.push(path);
  request.resume();
  const answer = answers[path];
  if (answer === undefined) response.writeHead(404).end();
  else answer(response);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const issuer = `http://127.0.0.1:${portOf(server.address())}`;

const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  userinfo_endpoint: `${issuer}/user`,
  end_session_endpoint: `${issuer}/end`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
};
const keysOf = async (...keys: readonly CryptoKey[]): Promise<object> => ({
  keys: await Promise.all(
    keys.map(async (key) =>
      Object.assign(await exportJWK(key), { alg: 'RS256', use: 'sig', kid: await kidOf(key) }),
    ),
  ),
});
const kidOf = async (key: CryptoKey): Promise<string> => (await exportJWK(key)).n?.slice(0, 12) ?? '';

const settings: ProviderSettings = {
  name: 'p',
  title: 'P',
  issuer,
  clientId: 'longshore',
  clientSecret: () => Promise.resolve('secret'),
  scopes: ['openid', 'offline_access'],
  claims: { name: 'preferred_username', email: 'email', groups: 'realm_access.roles' },
  carriedClaims: ['email'],
  allowedGroups: [],
};
const provider = (more: Partial<ProviderSettings> = {}): OidcProvider =>
  new OidcProvider({ ...settings, ...more }, 'https://registry.example', (url, request) =>
    egress.fetch(url, request),
  );

const claims = { sub: 's', preferred_username: 'Alice', realm_access: { roles: ['b', 'a', 'b'] } };
let secrets: Secrets;
let signer = pair;

const strict = (payload: JWTPayload): StrictPayload =>
  Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));

const signed = (payload: JWTPayload, key = signer.privateKey, kid?: string): Promise<string> =>
  kidOf(signer.publicKey).then((own) =>
    new SignJWT(strict({ iss: issuer, aud: 'longshore', nonce: secrets.nonce, ...claims, ...payload }))
      .setProtectedHeader({ alg: 'RS256', kid: kid ?? own })
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(key),
  );

function answersWith(idToken: string, more: object = {}): void {
  answers['/token'] = json({
    access_token: 'a',
    token_type: 'Bearer',
    refresh_token: 'r',
    id_token: idToken,
    ...more,
  });
}

beforeEach(async () => {
  signer = pair;
  asked = [];
  answers = {
    '/.well-known/openid-configuration': json(metadata),
    '/keys': json(await keysOf(pair.publicKey)),
    '/user': json(claims),
  };
  secrets = await provider().begin();
});

const callback = (): URLSearchParams => new URLSearchParams({ code: 'c', state: secrets.state });

const slowly: Answer = (response) => {
  const timer = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(timer));
};
const hugely: Answer = (response) => {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  let sent = 0;
  const more = (): void => {
    while (sent++ < 100 && response.writable)
      if (!response.write(chunk)) return void response.once('drain', more);
    response.end();
  };
  more();
};

describe('discovery', () => {
  it.each<readonly [string, Answer]>([
    ['lies about the issuer', json({ ...metadata, issuer: 'https://evil.example' })],
    ['has a longer issuer', json({ ...metadata, issuer: `${issuer}/` })],
    ['has no issuer', json({ ...metadata, issuer: undefined })],
    ['is a redirect', (response) => void response.writeHead(302, { location: `${issuer}/elsewhere` }).end()],
    ['comes with a byte each moment', slowly],
    ['has 100 MB', hugely],
    ['is no JSON', (response) => void response.end('<html>')],
    ['is missing', (response) => void response.writeHead(404).end()],
  ])('is refused if it %s, in bounded time, and asked for again by the next login', async (_, answer) => {
    answers['/.well-known/openid-configuration'] = answer;
    const subject = provider();
    const began = performance.now();
    await expect(subject.begin()).rejects.toMatchObject({ reason: 'provider away' });
    expect(performance.now() - began).toBeLessThan(5000);
    expect(asked).not.toContain('/elsewhere');
    answers['/.well-known/openid-configuration'] = json(metadata);
    expect((await subject.begin()).url).toMatch(`${issuer}/authorize?`);
  });
});

describe('a login', () => {
  it('reads the person from the ID token and the user info, groups in order and once', async () => {
    answersWith(await signed({ sid: 'session' }));
    answers['/user'] = json({ ...claims, email: 'a@a.example', other: 'left out' });
    expect(await provider().finish(callback(), secrets)).toEqual({
      userName: 'alice',
      person: {
        provider: 'p',
        externalId: 's',
        email: 'a@a.example',
        groups: ['a', 'b'],
        claims: { email: 'a@a.example' },
      },
      tokens: { refresh: 'r', id: expect.any(String) },
      session: 'session',
      isOffline: true,
    });
  });

  it('is not offline if the provider grants no such scope', async () => {
    answersWith(await signed({}), { scope: 'openid' });
    expect(await provider().finish(callback(), secrets)).toMatchObject({ isOffline: false });
  });

  it('accepts a key that the provider rotated to', async () => {
    const subject = provider();
    await subject.begin();
    signer = rotated;
    answers['/keys'] = json(await keysOf(pair.publicKey, rotated.publicKey));
    answersWith(await signed({}));
    expect(await subject.finish(callback(), secrets)).toMatchObject({ userName: 'alice' });
  });

  it.each<readonly [string, () => Promise<string>]>([
    ['with another nonce', () => signed({ nonce: 'x' })],
    ['without a nonce', () => signed({ nonce: undefined })],
    ['of another issuer', () => signed({ iss: 'https://evil.example' })],
    ['for another client', () => signed({ aud: 'other' })],
    ['for others as well, without azp', () => signed({ aud: ['longshore', 'other'] })],
    [
      'that has expired',
      () =>
        signed({ exp: 1 }).then(() =>
          new SignJWT({ iss: issuer, aud: 'longshore', nonce: secrets.nonce, ...claims })
            .setProtectedHeader({ alg: 'RS256' })
            .setIssuedAt(1)
            .setExpirationTime(2)
            .sign(pair.privateKey),
        ),
    ],
    ['signed by a stranger under our kid', () => signed({}, stranger.privateKey)],
    ['with an unknown kid', () => signed({}, stranger.privateKey, 'unknown')],
    [
      'without a signature',
      () =>
        Promise.resolve(
          new UnsecuredJWT({ iss: issuer, aud: 'longshore', nonce: secrets.nonce, ...claims })
            .setIssuedAt()
            .setExpirationTime('5m')
            .encode(),
        ),
    ],
    ['that is none', () => Promise.resolve('x')],
  ])('refuses an ID token %s', async (_, token) => {
    answersWith(await token());
    await expect(provider().finish(callback(), secrets)).rejects.toMatchObject({ reason: 'wrong answer' });
  });

  it('refuses user info about somebody else', async () => {
    answersWith(await signed({}));
    answers['/user'] = json({ ...claims, sub: 'another' });
    await expect(provider().finish(callback(), secrets)).rejects.toMatchObject({ reason: 'wrong answer' });
  });

  it.each<readonly [string, object, string]>([
    ['a name that is no text', { preferred_username: 5 }, 'no name'],
    ['a name with a blank', { preferred_username: 'a b' }, 'no name'],
    ['the name of a robot', { preferred_username: 'robot$x' }, 'no name'],
    ['a name that is too long', { preferred_username: 'a'.repeat(129) }, 'no name'],
    [
      '201 groups',
      { realm_access: { roles: Array.from({ length: 201 }, (_, index) => `g${index}`) } },
      'too much',
    ],
    ['a long group', { realm_access: { roles: ['g'.repeat(201)] } }, 'too much'],
    ['groups that are none', { realm_access: { roles: [{}] } }, 'wrong answer'],
    ['claims of 5 KiB', { email: 'e'.repeat(5000) }, 'too much'],
  ])('refuses %s', async (_, more, reason) => {
    answersWith(await signed({}));
    answers['/user'] = json({ ...claims, ...more });
    await expect(provider().finish(callback(), secrets)).rejects.toMatchObject({ reason });
  });
});

const confirm = (more: Partial<ProviderSettings> = {}) => provider(more).confirm({ refresh: 'r' }, 's');

describe('a confirmation', () => {
  it('reads the groups of now, without an ID token, and keeps a refresh token that did not change', async () => {
    answers['/token'] = json({ access_token: 'a', token_type: 'Bearer' });
    answers['/user'] = json({ ...claims, realm_access: { roles: ['a'] } });
    expect(await confirm()).toMatchObject({ person: { groups: ['a'] }, tokens: { refresh: 'r' } });
  });

  it('ends when the provider says so, or the person may no longer log in', async () => {
    answers['/token'] = (response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    };
    expect(await confirm()).toBeUndefined();
    answers['/token'] = json({ access_token: 'a', token_type: 'Bearer' });
    expect(await confirm({ allowedGroups: ['admins'] })).toBeUndefined();
    answers['/user'] = (response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    };
    expect(await confirm()).toBeUndefined();
  });

  it.each<readonly [string, Answer]>([
    [
      'a wrong secret',
      (response) =>
        void response
          .writeHead(401, { 'content-type': 'application/json' })
          .end('{"error":"invalid_client"}'),
    ],
    ['a fault', (response) => void response.writeHead(500).end()],
    ['no answer', () => undefined],
  ])('does not end for %s', async (_, answer) => {
    answers['/token'] = answer;
    await expect(confirm()).rejects.toBeInstanceOf(Error);
  });
});

describe('a logout token', () => {
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const logout = (payload: JWTPayload, key?: CryptoKey): Promise<string> =>
    signed({ nonce: undefined, jti: 'j', sid: 'session', events: event, ...payload }, key);

  it('names the person and the session', async () => {
    expect(await provider().readLogoutToken(await logout({}))).toEqual({ subject: 's', session: 'session' });
  });

  it.each<{ readonly what: string; readonly payload: JWTPayload; readonly key?: CryptoKey }>([
    { what: 'is an ID token', payload: { nonce: 'n', events: undefined } },
    { what: 'has a nonce', payload: { nonce: 'n' } },
    { what: 'has no event', payload: { events: {} } },
    { what: 'has no id', payload: { jti: undefined } },
    { what: 'is for another client', payload: { aud: 'other' } },
    { what: 'is of another issuer', payload: { iss: 'https://evil.example' } },
    { what: 'is signed by a stranger', payload: {}, key: stranger.privateKey },
    { what: 'names neither', payload: { sub: undefined, sid: undefined } },
  ])('is refused if it $what', async ({ payload, key }) => {
    const token = await logout(payload, key);
    await expect(provider().readLogoutToken(token)).rejects.toMatchObject({ reason: 'wrong answer' });
  });

  it.each([['x'], ['a.b.c'], ['x'.repeat(20_000)], ['']])('is refused if it is none', async (token) => {
    await expect(provider().readLogoutToken(token)).rejects.toMatchObject({ reason: 'wrong answer' });
  });
});
