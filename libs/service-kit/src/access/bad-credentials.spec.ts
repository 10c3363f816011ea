import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { FixedKeys, PolicyRights, TokenVerifier } from '@longshore/authorization';
import { matchRoute, OciError } from '@longshore/oci';
import { describe, expect, it } from 'vitest';
import type { ClientFacts } from '../http/client-facts.ts';
import { AccessControl } from './access-control.ts';
import { CredentialAuthenticator } from './credential-authenticator.ts';
import { PasswordCache } from './password-cache.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ format: 'pem', type: 'spki' });
const jwk = { ...publicKey.export({ format: 'jwk' }), kty: 'EC', kid: 'one' };
const foreign = attacker.publicKey.export({ format: 'jwk' });

const control = new AccessControl(
  new CredentialAuthenticator({
    passwords: new PasswordCache(async () => ({ refused: true })),
    tokens: new TokenVerifier({
      issuers: [
        { issuer: 'us', audience: 'us', own: true, algorithms: ['ES256'], keys: new FixedKeys([jwk]) },
      ],
    }),
    challenge: () => ({ kind: 'bearer', realm: 'https://a.example/auth/token', service: 'us' }),
  }),
  new PolicyRights(),
);
const client: ClientFacts = {
  requestId: 'request-1',
  address: '192.0.2.1',
  host: 'a.example',
  scheme: 'https',
  userAgent: '',
  baseUrl: 'https://a.example',
  locationBase: '',
};

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const payload = {
  iss: 'us',
  aud: 'us',
  sub: 'ann',
  exp: now + 60,
  longshore: { at: now * 1000 },
  access: [{ type: 'repository', name: 'canary', actions: ['pull'] }],
};
const header = { alg: 'ES256', kid: 'one', typ: 'JWT' };

/** Signs with our own key, whatever the header and the payload say. */
function signed(head: unknown, body: unknown, key = privateKey): string {
  const text = `${part(head)}.${part(body)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
const hmac = (head: unknown, secret: string | Buffer): string => {
  const text = `${part(head)}.${part(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const withPayload = (more: object): string => signed(header, { ...payload, ...more });
const withHeader = (more: object, key = privateKey): string => signed({ ...header, ...more }, payload, key);
/** JSON text that an object cannot express. */
const withText = (key: string, value: string): string =>
  signed(header, JSON.stringify({ ...payload, [key]: 'HERE' }).replace('"HERE"', value));
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const tokens: Readonly<Record<string, string>> = {
  'alg none': `${part({ ...header, alg: 'none' })}.${part(payload)}.`,
  'alg none with a signature': `${part({ ...header, alg: 'none' })}.${part(payload)}.AAAA`,
  'alg nOnE': `${part({ ...header, alg: 'nOnE' })}.${part(payload)}.AAAA`,
  'HS256 with the public key as the secret': hmac({ ...header, alg: 'HS256' }, pem),
  'HS256 with an empty secret': hmac({ ...header, alg: 'HS256' }, ''),
  'another algorithm for the key': withHeader({ alg: 'ES384' }),
  'an algorithm that is a list': withHeader({ alg: ['ES256'] }),
  'no algorithm': withHeader({ alg: undefined }),
  'a key that it brings along, under our id': withHeader(
    { jwk: { ...foreign, kid: 'one' } },
    attacker.privateKey,
  ),
  'a key at an address': withHeader({ jku: 'https://evil.example/jwks', kid: 'two' }, attacker.privateKey),
  'certificates at an address': withHeader(
    { x5u: 'https://evil.example/c', kid: 'two' },
    attacker.privateKey,
  ),
  'certificates that are none': withHeader({ x5c: ['AAAA'], kid: undefined }),
  'no key id': withHeader({ kid: undefined }),
  'a key id that is a path': withHeader({ kid: '../../../../dev/null' }),
  'a key id that is an object': withHeader({ kid: { toString: 'one' } }),
  'a key id of a prototype': withHeader({ kid: '__proto__' }),
  'a critical extension': withHeader({ crit: ['exp'] }),
  'an unencoded payload': withHeader({ b64: false, crit: ['b64'] }),
  'the type of a logout token': withHeader({ typ: 'logout+jwt' }),
  'another issuer': withPayload({ iss: 'them' }),
  'an issuer that is a list': withPayload({ iss: ['us'] }),
  'no issuer': withPayload({ iss: undefined }),
  'another audience': withPayload({ aud: 'them' }),
  'an audience in a list in a list': withPayload({ aud: [['us']] }),
  'no audience': withPayload({ aud: undefined }),
  'no expiry': withPayload({ exp: undefined }),
  'an expiry that is a text': withPayload({ exp: String(now + 60) }),
  'an expiry without an end': withText('exp', '1e999'),
  'an expiry in the past': withPayload({ exp: now - 61 }),
  'a time in the future': withPayload({ nbf: now + 120 }),
  'a subject that is an object': withPayload({ sub: {} }),
  'a subject with NUL': withPayload({ sub: 'ann\0' }),
  'access that is a text': withPayload({ access: 'repository:canary:pull' }),
  'access with actions that are numbers': withPayload({
    access: [{ type: 'repository', name: 'canary', actions: [1] }],
  }),
  'claims of ours that are a list': withPayload({ longshore: [] }),
  'access nested a thousand times': withText('access', deep(1000)),
  'a payload nested three thousand times': signed(header, deep(3000)),
  'a payload that is a list': signed(header, [payload]),
  'a payload that is null': signed(header, null),
  'a payload that is no JSON': signed(header, '{"iss":'),
  'a payload that is no UTF-8': `${part(header)}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.AAAA`,
  'a token in a token': signed({ ...header, cty: 'JWT' }, withPayload({})),
  'four parts': `${withPayload({})}.AAAA`,
  'five parts, as if encrypted': 'AAAA.AAAA.AAAA.AAAA.AAAA',
  'no parts': '...',
  'a changed signature': `${withPayload({}).slice(0, -4)}AAAA`,
  'a signature in DER': `${part(header)}.${part(payload)}.${sign('sha256', Buffer.from(`${part(header)}.${part(payload)}`), privateKey).toString('base64url')}`,
  'eight thousand dots': '.'.repeat(8000),
  'a megabyte': `${part(header)}.${'A'.repeat(1024 * 1024)}.AAAA`,
};

const good = withPayload({});
const basic = Buffer.from('ann:canary-secret').toString('base64');
const headers: Readonly<Record<string, string | string[]>> = {
  'two spaces': `Bearer  ${good}`,
  'a tab': `Bearer\t${good}`,
  'a blank before': ` Bearer ${good}`,
  'a blank after': `Bearer ${good} `,
  'a no-break space': `Bearer\u00a0${good}`,
  'two tokens': `Bearer ${good}, Bearer ${good}`,
  'two schemes': `Basic ${basic}, Bearer ${good}`,
  'no token': 'Bearer',
  'a token without a scheme': good,
  'another scheme': `Token ${good}`,
  'a token in quotes': `Bearer "${good}"`,
  'an empty header': '',
  'a megabyte of Basic': `Basic ${'A'.repeat(1024 * 1024)}`,
  'Basic that is no base64': 'Basic ann:canary-secret',
  'Basic without a colon': `Basic ${Buffer.from('canary-secret').toString('base64')}`,
  'Basic with NUL': `Basic ${Buffer.from('ann\0:canary-secret').toString('base64')}`,
  'Basic that is no UTF-8': `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`,
  'base64url in Basic': `Basic ${Buffer.from('ÿÿ:ÿÿ>?canary-secret').toString('base64url')}`,
  'a repeated header': [`Bearer ${good}`, `Bearer ${good}`],
};

const rows: readonly (readonly [string, string | string[]])[] = [
  ...Object.entries(tokens).map(([name, token]) => [`a token: ${name}`, `Bearer ${token}`] as const),
  ...Object.entries(headers).map(([name, value]) => [`a header: ${name}`, value] as const),
];

async function enter(authorization: string | string[]): Promise<unknown> {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { headers: { authorization } });
  return control.admit(matchRoute('GET', '/v2/canary/manifests/latest'), request, client);
}

describe('credentials that nobody should send', () => {
  it('differ from good ones only by what makes them bad', async () => {
    expect(await enter(`Bearer ${good}`)).toMatchObject({ subject: 'ann' });
    expect(await enter(`bEARER ${good}`)).toMatchObject({ subject: 'ann' });
  });

  it.each(rows)('are refused with 401, at once, and nothing of them comes back: %s', async (_, value) => {
    const began = performance.now();
    const refusal: unknown = await enter(value).catch((error: unknown) => error);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(refusal).toBeInstanceOf(OciError);
    if (!(refusal instanceof OciError)) return;
    expect(refusal.status).toBe(401);
    expect(refusal.headers['www-authenticate']).toMatch(/^Bearer realm=/);
    const shown = JSON.stringify([refusal.body(), refusal.headers]).replaceAll(/repository:canary:pull/g, '');
    expect(shown).not.toMatch(/canary|evil|AAAA/);
  });
});
