import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Mark } from '../marks/void-marks.ts';
import { VoidMarks } from '../marks/void-marks.ts';
import { FixedKeys } from './key-source.ts';
import { parseOwnClaims } from './own-claims.ts';
import { TokenVerifier } from './token-verifier.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys = new FixedKeys([{ ...publicKey.export({ format: 'jwk' }), kty: 'EC', kid: 'one' }]);
const at = Date.UTC(2026, 0, 1) + 500;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function tokenWith(longshore: unknown, more: object = {}): string {
  const iat = Math.floor(at / 1000);
  const payload = {
    iss: 'us',
    aud: 'us',
    sub: 'ci',
    jti: 'token-1',
    iat,
    exp: iat + 300,
    longshore,
    ...more,
  };
  const text = `${part({ alg: 'ES256', kid: 'one', typ: 'JWT' })}.${part(payload)}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

const verifierOf = (own: boolean, ...marks: readonly Mark[]): TokenVerifier => {
  const known = new VoidMarks();
  known.apply(marks);
  return new TokenVerifier({
    issuers: [{ issuer: 'us', audience: 'us', own, algorithms: ['ES256'], keys }],
    marks: known,
    now: () => at,
  });
};

const facts = {
  at,
  kind: 'robot',
  groups: ['dev'],
  claims: { department: 'ships' },
  limits: [{ actions: ['pull'], repositories: ['team/**'] }],
  gotWith: { kind: 'access-token', id: 'pat-1' },
};

describe('the claims of our own tokens', () => {
  it('carry who asked, and by which credential, to the doors', async () => {
    expect(await verifierOf(true).verify(tokenWith(facts))).toEqual({
      kind: 'robot',
      subject: 'ci',
      groups: ['dev'],
      claims: { department: 'ships' },
      limits: facts.limits,
      credential: { kind: 'token', issuer: 'us', id: 'token-1', issuedAt: at, gotWith: facts.gotWith },
      grants: [],
    });
  });

  it('do not count in a token of somebody else', async () => {
    const identity = await verifierOf(false).verify(tokenWith(facts));
    expect(identity).toMatchObject({ kind: 'user', groups: [], credential: { kind: 'foreign-token' } });
    expect(identity.limits).toBeUndefined();
  });

  it.each([
    ['nothing', null],
    ['no time', { kind: 'user' }],
    ['another kind', { at, kind: 'anyone' }],
    ['groups that are no list', { at, groups: 'admins' }],
    ['a limit without repositories', { at, limits: [{ actions: ['pull'] }] }],
    ['claims that are a list', { at, claims: [] }],
    ['a credential of no kind', { at, gotWith: { id: 'x' } }],
    ['a password that is a number', { at, password: 1 }],
  ])('refuse a token with %s', async (_, longshore) => {
    expect(parseOwnClaims(longshore)).toBeUndefined();
    await expect(verifierOf(true).verify(tokenWith(longshore))).rejects.toMatchObject({ status: 401 });
  });

  it.each([
    ['its id', { kind: 'credential', name: 'token-1', before: 0 }],
    ['the access token that it was got with', { kind: 'credential', name: 'pat-1', before: 0 }],
    ['its holder, within the second of its issue', { kind: 'robot', name: 'ci', before: at + 1 }],
    ['its key', { kind: 'key', name: 'one', before: 0 }],
  ] as const)('let a mark on %s void the token, whether it was verified before or not', async (_, mark) => {
    const marks = new VoidMarks();
    const issuer = { issuer: 'us', audience: 'us', own: true, algorithms: ['ES256'], keys } as const;
    const verifier = new TokenVerifier({ issuers: [issuer], marks, now: () => at });
    const token = tokenWith(facts);
    await verifier.verify(token);
    expect(verifier.known(token)).toBeDefined();
    marks.apply([mark]);
    expect(verifier.known(token)).toBeUndefined();
    await expect(verifier.verify(token)).rejects.toMatchObject({
      status: 401,
      entries: [{ detail: { reason: 'the token is not valid: revoked' } }],
    });
  });

  it('are not required of version 0.1, which serves beside this one during an upgrade', async () => {
    expect(await verifierOf(true).verify(tokenWith(undefined))).toMatchObject({
      kind: 'user',
      credential: { issuedAt: Math.floor(at / 1000) * 1000 },
    });
  });
});
