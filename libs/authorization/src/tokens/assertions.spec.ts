import { createHmac } from 'node:crypto';
import { OciError } from '@longshore/oci';
import {
  base64url,
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { describe, expect, it } from 'vitest';
import { PrincipalTemplate } from '../workloads/principal-template.ts';
import { WorkloadRules } from '../workloads/workload-rules.ts';
import { FixedKeys, KeySource, type KeySet } from './key-source.ts';
import { TokenVerifier } from './token-verifier.ts';

const start = Date.UTC(2026, 0, 1);
const seconds = start / 1000;
const issuer = 'https://token.actions.githubusercontent.com';
const audience = 'https://registry.example.com';

const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1' };
const stranger = await generateKeyPair('RS256', { extractable: true });

/** Claims of GitHub's documentation ("About security hardening with OpenID Connect"). */
const claims = (more: Record<string, unknown> = {}): JWTPayload => ({
  jti: 'example-id',
  sub: 'repo:octo-org/octo-repo:environment:prod',
  environment: 'prod',
  aud: audience,
  ref: 'refs/heads/main',
  repository: 'octo-org/octo-repo',
  repository_id: '74',
  repository_owner: 'octo-org',
  repository_owner_id: '65',
  event_name: 'workflow_dispatch',
  iss: issuer,
  nbf: seconds - 600,
  exp: seconds + 300,
  iat: seconds,
  ...more,
});

const rules = new WorkloadRules('github', [
  {
    claims: { repository_owner_id: { test: (value) => value === '65' } },
    principal: PrincipalTemplate.of('{repository}'),
    groups: ['ci'],
  },
]);

const verifier = (keys: KeySource = new FixedKeys([jwk]), now = () => start): TokenVerifier =>
  new TokenVerifier({
    issuers: [
      {
        issuer: 'longshore',
        audience: 'longshore',
        own: true,
        algorithms: ['RS256'],
        keys: new FixedKeys([jwk]),
      },
      { issuer, audience, own: false, algorithms: ['RS256'], keys, workloads: rules },
    ],
    now,
  });

const sign = (payload: JWTPayload, header: Record<string, unknown> = {}, key = privateKey): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'key-1', ...header }).sign(key);

async function outcome(token: string, by = verifier()): Promise<string> {
  try {
    return (await by.verify(token)).subject;
  } catch (error) {
    if (error instanceof OciError) return `${error.status} ${error.code}`;
    throw error;
  }
}

const forged = (header: unknown, payload: unknown, signature = 'AAAA'): string =>
  [header, payload].map((part) => base64url.encode(JSON.stringify(part))).join('.') + `.${signature}`;

describe('an identity provider’s token', () => {
  it('identifies a workload and carries its claims', async () => {
    expect(await verifier().verify(await sign(claims()))).toEqual({
      kind: 'workload',
      subject: 'github/octo-org/octo-repo',
      groups: ['ci'],
      claims: claims(),
      credential: { kind: 'assertion', issuer, id: 'example-id', issuedAt: start },
    });
  });

  it('grants nothing by a claim `access`, and gives no groups by a claim `groups`', async () => {
    const access = [{ type: 'repository', name: 'a', actions: ['*'] }];
    const identity = await verifier().verify(await sign(claims({ access, groups: ['admins'] })));
    expect(identity.grants).toBeUndefined();
    expect(identity.groups).toEqual(['ci']);
  });

  it('is remembered until it expires', async () => {
    let now = start;
    const by = verifier(undefined, () => now);
    const token = await sign(claims());
    await by.verify(token);
    expect(by.known(token)?.subject).toBe('github/octo-org/octo-repo');
    now = start + 361_000;
    expect(by.known(token)).toBeUndefined();
    expect(await outcome(token, by)).toBe('401 UNAUTHORIZED');
  });

  it('is told from a password by its form and its issuer', async () => {
    const by = verifier();
    expect(by.isAssertion(await sign(claims()))).toBe(true);
    expect(by.isAssertion(await sign(claims({ iss: 'https://evil.example' })))).toBe(false);
    expect(by.isAssertion(await sign(claims({ iss: 'longshore' })))).toBe(false);
    for (const password of ['', 'secret', 'a.b.c', 'eyJh.eyJh.AAAA', '..', 'x'.repeat(100_000)])
      expect(by.isAssertion(password)).toBe(false);
  });

  const refused: readonly (readonly [name: string, token: () => Promise<string> | string])[] = [
    ['another audience', () => sign(claims({ aud: 'https://github.com/octo-org' }))],
    ['our audience among others', () => sign(claims({ aud: [audience, 'https://other.example'] }))],
    ['no audience', () => sign(claims({ aud: undefined }))],
    ['an empty audience', () => sign(claims({ aud: [] }))],
    ['the audience of our own tokens', () => sign(claims({ aud: 'longshore' }))],
    ['an audience in another case', () => sign(claims({ aud: audience.toUpperCase() }))],
    ['another issuer', () => sign(claims({ iss: 'https://evil.example' }))],
    ['an issuer with a slash at its end', () => sign(claims({ iss: `${issuer}/` }))],
    ['a list of issuers', () => sign(claims({ iss: [issuer] }))],
    ['the issuer of our own tokens, with its audience', () => sign(claims({ iss: 'longshore' }))],
    ['an expired token', () => sign(claims({ exp: seconds - 61 }))],
    ['no expiry', () => sign(claims({ exp: undefined }))],
    ['a token of the future', () => sign(claims({ nbf: seconds + 61 }))],
    ['claims that no rule admits', () => sign(claims({ repository_owner_id: '66' }))],
    ['claims that make no name', () => sign(claims({ repository: 'octo org' }))],
    ['alg none', () => forged({ alg: 'none', kid: 'key-1' }, claims(), '')],
    ['alg none with a signature', () => forged({ alg: 'none', kid: 'key-1' }, claims())],
    ['alg nOnE', () => forged({ alg: 'nOnE', kid: 'key-1' }, claims())],
    [
      'HS256 with the public key as the secret',
      async () => {
        const input = forged({ alg: 'HS256', typ: 'JWT', kid: 'key-1' }, claims(), '').slice(0, -1);
        const hmac = createHmac('sha256', await exportSPKI(publicKey))
          .update(input)
          .digest('base64url');
        return `${input}.${hmac}`;
      },
    ],
    [
      'HS256 with an empty secret (CVE-2026-44699)',
      () => {
        const input = forged({ alg: 'HS256', typ: 'JWT', kid: 'key-1' }, claims(), '').slice(0, -1);
        return `${input}.${createHmac('sha256', '').update(input).digest('base64url')}`;
      },
    ],
    [
      'an algorithm that is not configured',
      async () => sign(claims(), { alg: 'PS256' }, await importPKCS8(await exportPKCS8(privateKey), 'PS256')),
    ],
    [
      'a nested token',
      async () =>
        forged({ alg: 'RS256', typ: 'JWT', cty: 'JWT', kid: 'key-1' }, await sign(claims()), 'AAAA'),
    ],
    ['an encrypted token', () => `${forged({ alg: 'RSA-OAEP', enc: 'A256GCM' }, {})}.AAAA.AAAA`],
    [
      'a key that the token brings along',
      async () => {
        const brought = { ...(await exportJWK(stranger.publicKey)), kid: 'key-1' };
        return sign(claims(), { jwk: brought }, stranger.privateKey);
      },
    ],
    ['an address of keys (jku)', () => sign(claims(), { jku: 'http://127.0.0.1/jwks' }, stranger.privateKey)],
    [
      'an address of certificates (x5u)',
      () => sign(claims(), { x5u: 'http://127.0.0.1/x' }, stranger.privateKey),
    ],
    ['another key under a known id', () => sign(claims(), {}, stranger.privateKey)],
    ['no key id', () => sign(claims(), { kid: undefined })],
    ['an empty key id', () => sign(claims(), { kid: '' })],
    ['a path as key id', () => sign(claims(), { kid: '../../../../etc/passwd' })],
    ['a query as key id', () => sign(claims(), { kid: "key-1' or '1'='1" })],
    ['the name of an inherited property as key id', () => sign(claims(), { kid: '__proto__' })],
    ['a list as key id', () => forged({ alg: 'RS256', kid: ['key-1'] }, claims())],
    ['an access token of another resource (at+jwt)', () => sign(claims(), { typ: 'at+jwt' })],
    ['a logout token', () => sign(claims(), { typ: 'logout+jwt' })],
    [
      'a critical header',
      () =>
        sign(claims(), { crit: ['x'], x: 1 }).catch(() =>
          forged({ alg: 'RS256', kid: 'key-1', crit: ['x'], x: 1 }, claims()),
        ),
    ],
    [
      'a changed claim',
      async () => {
        const [header = '', , signature = ''] = (await sign(claims())).split('.');
        return [
          header,
          base64url.encode(JSON.stringify(claims({ repository: 'octo-org/other' }))),
          signature,
        ].join('.');
      },
    ],
    ['a megabyte', () => sign(claims({ padding: 'x'.repeat(1_000_000) }))],
    ['two tokens', async () => `${await sign(claims())}.${await sign(claims())}`],
  ];

  it.each(refused)('is refused: %s', async (_, token) => {
    expect(await outcome(await token())).toBe('401 UNAUTHORIZED');
  });

  it('names a user if our own issuer signs it, even with the same key', async () => {
    const own = await sign(claims({ iss: 'longshore', aud: 'longshore', sub: 'alice' }));
    expect(await verifier().verify(own)).toMatchObject({ kind: 'user', subject: 'alice' });
  });
});

class Rotating extends KeySource {
  set: KeySet | Error = { keys: [] };
  asked = 0;

  override keys(): Promise<KeySet> {
    this.asked++;
    return this.set instanceof Error ? Promise.reject(this.set) : Promise.resolve(this.set);
  }
}

describe('the keys of an identity provider', () => {
  it('are fetched again for an unknown id, at most twice in 30 s', async () => {
    const keys = new Rotating();
    keys.set = { keys: [jwk] };
    const by = verifier(keys);
    await by.verify(await sign(claims()));
    const next = await generateKeyPair('RS256', { extractable: true });
    keys.set = { keys: [jwk, { ...(await exportJWK(next.publicKey)), kid: 'key-2' }] };
    expect(await outcome(await sign(claims(), { kid: 'key-2' }, next.privateKey), by)).toBe(
      'github/octo-org/octo-repo',
    );
    for (let index = 0; index < 50; index++)
      expect(await outcome(await sign(claims({ jti: `${index}` }), { kid: `no-${index}` }), by)).toBe(
        '401 UNAUTHORIZED',
      );
    expect(keys.asked).toBe(2);
  });

  it('go on to verify while the provider is away; an unknown id then is no refusal', async () => {
    const keys = new Rotating();
    keys.set = { keys: [jwk] };
    const by = verifier(keys);
    await by.verify(await sign(claims()));
    keys.set = new Error('away');
    expect(await outcome(await sign(claims({ jti: 'b' })), by)).toBe('github/octo-org/octo-repo');
    expect(await outcome(await sign(claims(), { kid: 'key-2' }), by)).toBe('503 UNAVAILABLE');
  });

  it('verify in a process that gets only older ones', async () => {
    const keys = new Rotating();
    keys.set = { keys: [jwk], stale: true };
    const by = verifier(keys);
    expect(await outcome(await sign(claims()), by)).toBe('github/octo-org/octo-repo');
    expect(await outcome(await sign(claims(), { kid: 'key-2' }), by)).toBe('503 UNAVAILABLE');
  });
});
