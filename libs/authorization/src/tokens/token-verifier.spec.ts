import { createHmac, createPublicKey } from 'node:crypto';
import { OciError } from '@longshore/oci';
import {
  base64url,
  calculateJwkThumbprint,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { SignatureAlgorithm } from './algorithms.ts';
import { FixedKeys, KeySource } from './key-source.ts';
import { TokenVerifier } from './token-verifier.ts';

interface Pair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
  readonly kid: string;
}

async function pair(algorithm: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey, publicKey, jwk: { ...jwk, kid }, kid };
}

let ours: Pair;
let theirs: Pair;
let rsa: Pair;
beforeAll(async () => {
  [ours, theirs, rsa] = await Promise.all([pair('ES256'), pair('ES256'), pair('RS256')]);
});

const start = Date.UTC(2026, 0, 1);
const seconds = start / 1000;
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: 'longshore',
  sub: 'alice',
  aud: 'registry',
  exp: seconds + 300,
  nbf: seconds,
  iat: seconds,
  jti: 'x',
  access: [{ type: 'repository', name: 'a/b', actions: ['pull'] }],
  ...more,
});

async function sign(
  payload: JWTPayload,
  {
    key = ours,
    header = {},
    algorithm = 'ES256',
  }: { key?: Pair; header?: Record<string, unknown>; algorithm?: string } = {},
) {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: key.kid, ...header })
    .sign(key.privateKey);
}

function verifier(
  keys: KeySource | readonly JWK[],
  options: { now?: () => number; algorithms?: readonly SignatureAlgorithm[]; cacheSize?: number } = {},
): TokenVerifier {
  const { now = () => start, algorithms = ['ES256'], cacheSize = 100 } = options;
  const source = keys instanceof KeySource ? keys : new FixedKeys(keys);
  return new TokenVerifier({
    issuers: [{ issuer: 'longshore', audience: 'registry', own: true, algorithms, keys: source }],
    now,
    cacheSize,
  });
}

/** Returns what the client sees: the subject, or the code of the error. */
async function outcome(by: TokenVerifier, token: string): Promise<string> {
  try {
    return (await by.verify(token)).subject;
  } catch (error) {
    if (error instanceof OciError) return error.code;
    throw error;
  }
}

const forged = (header: unknown, payload: unknown, signature = 'AAAA'): string =>
  [header, payload].map((part) => base64url.encode(JSON.stringify(part))).join('.') + `.${signature}`;

describe('TokenVerifier', () => {
  it('returns the identity and its grants', async () => {
    await expect(verifier([ours.jwk]).verify(await sign(claims()))).resolves.toEqual({
      subject: 'alice',
      kind: 'user',
      groups: [],
      credential: { kind: 'token', id: 'x', issuer: 'longshore', issuedAt: start },
      claims: {},
      grants: [{ type: 'repository', name: 'a/b', actions: ['pull'] }],
    });
  });

  it('accepts a token without subject and access, which grants nothing', async () => {
    const { access: _, ...payload } = claims({ sub: '' });
    await expect(verifier([ours.jwk]).verify(await sign(payload))).resolves.toMatchObject({
      subject: '',
      kind: 'anonymous',
      credential: { kind: 'token' },
      grants: [],
    });
  });

  it('opens nothing for types of resources that it does not know', async () => {
    const token = await sign(claims({ access: [{ type: 'repository(plugin)', name: 'a', actions: ['*'] }] }));
    await expect(verifier([ours.jwk]).verify(token)).resolves.toMatchObject({ grants: [] });
  });

  it.each([
    ['actions: null', { type: 'repository', name: 'a', actions: null }],
    ['no actions', { type: 'repository', name: 'a' }],
    ['type and name that are null', { type: null, name: null, actions: ['pull'] }],
  ])('opens nothing for %s, and what else the token grants stays open', async (_, entry) => {
    const token = await sign(claims({ access: [entry, ...[claims()['access']].flat()] }));
    const { grants } = await verifier([ours.jwk]).verify(token);
    expect(grants?.filter(({ actions }) => actions.length > 0)).toEqual(claims()['access']);
  });

  it('refuses keys that a token brings along (CVE-2025-24976)', async () => {
    const by = verifier([ours.jwk]);
    const { kid } = ours;
    expect(await outcome(by, await sign(claims(), { key: theirs, header: { kid, jwk: theirs.jwk } }))).toBe(
      'UNAUTHORIZED',
    );
    expect(
      await outcome(by, await sign(claims(), { key: theirs, header: { kid, jwk: { ...theirs.jwk, kid } } })),
    ).toBe('UNAUTHORIZED');
    expect(
      await outcome(by, await sign(claims(), { key: theirs, header: { kid, jku: 'http://127.0.0.1/keys' } })),
    ).toBe('UNAUTHORIZED');
    expect(
      await outcome(
        by,
        await sign(claims(), { key: theirs, header: { kid, x5u: 'http://127.0.0.1/chain' } }),
      ),
    ).toBe('UNAUTHORIZED');
    expect(await outcome(by, await sign(claims(), { key: theirs, header: { kid, x5c: ['MIIB'] } }))).toBe(
      'UNAUTHORIZED',
    );
    expect(await outcome(by, await sign(claims(), { key: theirs, header: { jwk: theirs.jwk } }))).toBe(
      'UNAUTHORIZED',
    );
  });

  it('refuses a token without a key id, or with one of another kind', async () => {
    const by = verifier([ours.jwk]);
    for (const kid of [undefined, '', 7, null, ['a'], '__proto__', 'constructor'])
      expect(await outcome(by, await sign(claims(), { header: { kid } }))).toBe('UNAUTHORIZED');
  });

  it('refuses unsigned tokens and unknown extensions', async () => {
    const by = verifier([ours.jwk]);
    const { kid } = ours;
    for (const alg of ['none', 'None', 'NONE', '', 'nOnE', null]) {
      expect(await outcome(by, forged({ alg, kid, typ: 'JWT' }, claims()))).toBe('UNAUTHORIZED');
      expect(await outcome(by, forged({ alg, kid, typ: 'JWT' }, claims(), ''))).toBe('UNAUTHORIZED');
    }
    const [header = '', ...rest] = (await sign(claims())).split('.');
    expect(
      await outcome(
        by,
        [
          base64url.encode(
            JSON.stringify({ ...JSON.parse(Buffer.from(header, 'base64url').toString()), crit: ['b64'] }),
          ),
          ...rest,
        ].join('.'),
      ),
    ).toBe('UNAUTHORIZED');
  });

  it('never lets a public key pass for a shared secret (HS256 signed with it)', async () => {
    const spki = await exportSPKI(rsa.publicKey);
    const der = createPublicKey(spki).export({ format: 'der', type: 'spki' });
    const by = verifier([rsa.jwk, ours.jwk, { kty: 'oct', kid: 'shared', k: 'AAAA' }], {
      algorithms: ['RS256', 'ES256'],
    });
    for (const secret of [spki, der, JSON.stringify(rsa.jwk), '']) {
      for (const kid of [rsa.kid, 'shared']) {
        const input = forged({ alg: 'HS256', kid, typ: 'JWT' }, claims()).replace(/\.AAAA$/, '');
        expect(
          await outcome(by, `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`),
        ).toBe('UNAUTHORIZED');
      }
    }
    expect(await outcome(by, await sign(claims(), { key: rsa, algorithm: 'RS256' }))).toBe('alice');
  });

  it("accepts only algorithms of the issuer, and only those of the key's own type", async () => {
    expect(
      await outcome(verifier([rsa.jwk, ours.jwk]), await sign(claims(), { key: rsa, algorithm: 'RS256' })),
    ).toBe('UNAUTHORIZED');
    const pinned = verifier([{ ...rsa.jwk, alg: 'RS512' }], { algorithms: ['RS256', 'RS512'] });
    expect(await outcome(pinned, await sign(claims(), { key: rsa, algorithm: 'RS256' }))).toBe(
      'UNAUTHORIZED',
    );
    const mixed = verifier([rsa.jwk, ours.jwk], { algorithms: ['RS256', 'ES256', 'EdDSA'] });
    const input = forged({ alg: 'RS256', kid: ours.kid, typ: 'JWT' }, claims());
    expect(await outcome(mixed, input)).toBe('UNAUTHORIZED');
    expect(await outcome(verifier([{ ...ours.jwk, use: 'enc' }]), await sign(claims()))).toBe('UNAUTHORIZED');
  });

  it.each(['RS256', 'PS384', 'ES384', 'ES512', 'EdDSA'] as const)(
    "verifies an external server's %s",
    async (algorithm) => {
      const key = await pair(algorithm);
      expect(
        await outcome(
          verifier([key.jwk], { algorithms: [algorithm] }),
          await sign(claims(), { key, algorithm }),
        ),
      ).toBe('alice');
    },
  );

  it.each([
    ['another issuer', { iss: 'longshore/' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'registry-b' }],
    ['no audience', { aud: undefined }],
    ['a list of other audiences', { aud: ['a', 'b'] }],
    ['no expiry', { exp: undefined }],
    ['an infinite expiry', { exp: '9999999999' }],
    ['a subject that is no text', { sub: 7 }],
    ['a subject with a NUL', { sub: 'ali\0ce' }],
    ['a subject with a line feed', { sub: 'alice\nadmin' }],
    ['access that is no list', { access: { type: 'repository' } }],
    ['access with a hole', { access: [null] }],
    ['actions that are no list', { access: [{ type: 'repository', name: 'a', actions: 'pull' }] }],
  ])('refuses %s', async (_, more) => {
    const [header = '', , signature = ''] = (await sign(claims())).split('.');
    const by = verifier([ours.jwk]);
    expect(
      await outcome(
        by,
        `${header}.${base64url.encode(JSON.stringify({ ...claims(), ...more }))}.${signature}`,
      ),
    ).toBe('UNAUTHORIZED');
    // Signs the bytes directly, since SignJWT refuses to make some of these tokens.
    const input = `${header}.${base64url.encode(JSON.stringify({ ...claims(), ...more }))}`;
    const signed = await crypto.subtle.sign(
      { name: 'ECDSA', hash: 'SHA-256' },
      ours.privateKey,
      Buffer.from(input),
    );
    expect(await outcome(by, `${input}.${Buffer.from(signed).toString('base64url')}`)).toBe('UNAUTHORIZED');
  });

  it('finds its audience in a list', async () => {
    expect(await outcome(verifier([ours.jwk]), await sign(claims({ aud: ['other', 'registry'] })))).toBe(
      'alice',
    );
  });

  it.each([
    [{ exp: seconds - 60 }, 'alice'],
    [{ exp: seconds - 61 }, 'UNAUTHORIZED'],
    [{ nbf: seconds + 60 }, 'alice'],
    [{ nbf: seconds + 61 }, 'UNAUTHORIZED'],
    [{ iat: seconds + 3600 }, 'alice'],
  ])('allows clocks to differ by a minute: %o gives %s', async (times, expected) => {
    expect(await outcome(verifier([ours.jwk]), await sign(claims(times)))).toBe(expected);
  });

  it('refuses refresh tokens and other kinds of JWT', async () => {
    const by = verifier([ours.jwk]);
    for (const typ of ['refresh+jwt', 'at+jwt', 'logout+jwt', 7])
      expect(await outcome(by, await sign(claims(), { header: { typ } }))).toBe('UNAUTHORIZED');
  });

  it('refuses oversized tokens quickly', async () => {
    const by = verifier([ours.jwk]);
    const [header = '', payload = '', signature = ''] = (await sign(claims())).split('.');
    const bombs = [
      '.'.repeat(8192),
      '.'.repeat(10_000_000),
      `${header}.${payload}.${signature}.`,
      `${header}..${payload}.${signature}`,
      `${header}.${payload}.${signature}=`,
      'a.b',
      '',
      '..',
      `${header}.${base64url.encode('['.repeat(4000))}.${signature}`,
      forged('x', 'y'),
      forged([], {}),
      `${header}.${payload}.${'A'.repeat(9000)}`,
    ];
    const began = performance.now();
    for (const bomb of bombs) expect(await outcome(by, bomb)).toBe('UNAUTHORIZED');
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('refuses a token of which one character was changed', async () => {
    const token = await sign(claims());
    const by = verifier([ours.jwk]);
    for (let at = 0; at < token.length - 1; at += 7) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(await outcome(by, changed)).toBe('UNAUTHORIZED');
    }
  });
});

describe('TokenVerifier and its memory', () => {
  it('verifies a signature once while the token is good', async () => {
    let now = start;
    const verify = vi.spyOn(crypto.subtle, 'verify');
    const by = verifier([ours.jwk], { now: () => now });
    const token = await sign(claims());
    expect(by.known(token)).toBeUndefined();
    await Promise.all(Array.from({ length: 20 }, () => by.verify(token)));
    expect(by.known(token)?.subject).toBe('alice');
    expect(verify).toHaveBeenCalledTimes(1);
    now = start + 361_000;
    expect(by.known(token)).toBeUndefined();
    expect(await outcome(by, token)).toBe('UNAUTHORIZED');
    verify.mockRestore();
  });

  it('remembers a bounded number of tokens', async () => {
    const by = verifier([ours.jwk], { cacheSize: 2 });
    const tokens = await Promise.all(['a', 'b', 'c'].map((sub) => sign(claims({ sub }))));
    for (const token of tokens) await by.verify(token);
    expect(tokens.map((token) => by.known(token)?.subject)).toEqual([undefined, 'b', 'c']);
  });
});

class Source extends KeySource {
  served: readonly JWK[];
  calls = 0;
  away = false;

  constructor(served: readonly JWK[]) {
    super();
    this.served = served;
  }

  override keys() {
    this.calls++;
    return this.away ? Promise.reject(new Error('away')) : Promise.resolve({ keys: this.served });
  }
}

describe('TokenVerifier and its keys', () => {
  it('asks the issuer at most twice in 30 s, however many unknown ids come', async () => {
    let now = start;
    const source = new Source([ours.jwk]);
    const by = verifier(source, { now: () => now });
    const storm = async () => {
      for (let index = 0; index < 100; index++) {
        const batch = Array.from({ length: 10 }, (_, each) =>
          forged({ alg: 'ES256', kid: `k${now}-${index}-${each}`, typ: 'JWT' }, claims()),
        );
        expect(new Set(await Promise.all(batch.map((token) => outcome(by, token))))).toEqual(
          new Set(['UNAUTHORIZED']),
        );
      }
    };
    await storm();
    expect(source.calls).toBe(2);
    expect(await outcome(by, await sign(claims()))).toBe('alice');
    now += 30_000;
    await storm();
    expect(source.calls).toBe(4);
  });

  it('follows a rotation at once', async () => {
    const source = new Source([ours.jwk]);
    const by = verifier(source);
    expect(await outcome(by, await sign(claims()))).toBe('alice');
    source.served = [theirs.jwk, ours.jwk];
    expect(await outcome(by, await sign(claims(), { key: theirs }))).toBe('alice');
    expect(await outcome(by, await sign(claims()))).toBe('alice');
  });

  it('continues with known keys while the issuer is unavailable, and answers 503 for others', async () => {
    let now = start;
    const source = new Source([ours.jwk]);
    const by = verifier(source, { now: () => now });
    expect(await outcome(by, await sign(claims()))).toBe('alice');
    source.away = true;
    now += 700_000;
    expect(await outcome(by, await sign(claims({ exp: now / 1000 + 60 })))).toBe('alice');
    expect(await outcome(by, await sign(claims(), { key: theirs }))).toBe('UNAVAILABLE');
    source.away = false;
    source.served = [ours.jwk, theirs.jwk];
    now += 1000;
    expect(await outcome(by, await sign(claims({ exp: now / 1000 + 60 }), { key: theirs }))).toBe('alice');
  });

  it('forgets tokens whose key was withdrawn', async () => {
    let now = start;
    const source = new Source([ours.jwk]);
    const by = verifier(source, { now: () => now });
    const token = await sign(claims({ exp: seconds + 3600 }));
    expect(await outcome(by, token)).toBe('alice');
    source.served = [theirs.jwk];
    now += 600_000;
    by.known(token);
    await vi.waitFor(() => expect(by.known(token)).toBeUndefined());
    expect(await outcome(by, token)).toBe('UNAUTHORIZED');
  });

  it('keeps issuers apart: a key of one verifies no token of the other', async () => {
    const by = new TokenVerifier({
      now: () => start,
      issuers: [
        {
          issuer: 'longshore',
          audience: 'registry',
          own: true,
          algorithms: ['ES256'],
          keys: new FixedKeys([ours.jwk]),
        },
        {
          issuer: 'other',
          audience: 'registry',
          own: true,
          algorithms: ['ES256'],
          keys: new FixedKeys([theirs.jwk]),
        },
      ],
    });
    expect(await outcome(by, await sign(claims({ iss: 'other' }), { key: theirs }))).toBe('alice');
    expect(await outcome(by, await sign(claims(), { key: theirs }))).toBe('UNAUTHORIZED');
    expect(await outcome(by, await sign(claims({ iss: 'other' })))).toBe('UNAUTHORIZED');
  });
});
