import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OciError } from '@longshore/oci';
import { importPKCS8, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileKeys } from './file-keys.ts';
import { TokenVerifier } from './token-verifier.ts';

const home = mkdtempSync(join(tmpdir(), 'x5c-'));
afterAll(() => rmSync(home, { recursive: true }));

const authority = 'basicConstraints=critical,CA:TRUE';
const day = 86_400;

interface Wish {
  readonly issuer?: string;
  readonly days?: number;
  readonly hash?: string;
  readonly extensions?: readonly string[];
}

/** Creates a certificate with OpenSSL, in files of that name. Self-signed without an issuer. */
function certificate(
  name: string,
  { issuer, days = 10, hash = 'sha256', extensions = ['basicConstraints=critical,CA:FALSE'] }: Wish,
): void {
  const file = (kind: string, of = name): string => join(home, `${of}.${kind}`);
  const signed = issuer === undefined ? [] : ['-CA', file('crt', issuer), '-CAkey', file('key', issuer)];
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -${hash} -days ${days}`
      .split(' ')
      .concat(['-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('crt')])
      .concat(extensions.flatMap((extension) => ['-addext', extension]))
      .concat(signed),
    { stdio: 'pipe' },
  );
}

const pem = (name: string): string => readFileSync(join(home, `${name}.crt`), 'utf8');
const x5c = (...names: string[]): string[] =>
  names.map((name) => new X509Certificate(pem(name)).raw.toString('base64'));

beforeAll(() => {
  certificate('root', { extensions: [authority], days: 100 });
  certificate('stranger', { extensions: [authority] });
  certificate('middle', { issuer: 'root', extensions: [authority] });
  certificate('inner', { issuer: 'middle', extensions: [authority] });
  certificate('no signer', { issuer: 'root', extensions: [authority, 'keyUsage=critical,digitalSignature'] });
  certificate('leaf', { issuer: 'root' });
  certificate('deep', { issuer: 'inner' });
  certificate('strange', { issuer: 'stranger' });
  certificate('by a leaf', { issuer: 'leaf' });
  certificate('by no signer', { issuer: 'no signer' });
  certificate('weak', { issuer: 'root', hash: 'sha1' });
  certificate('short', { issuer: 'root', days: 2 });
}, 60_000);

let now = Date.now() + 60_000;
let bundles = 0;

function verifierOf(...names: string[]): { by: TokenVerifier; bundle: string } {
  const bundle = join(home, `bundle-${bundles++}.pem`);
  writeFileSync(bundle, names.map(pem).join(''));
  const keys = new FileKeys({ rootcertbundle: bundle });
  const issuer = {
    issuer: 'token.example',
    audience: 'registry',
    own: false,
    algorithms: ['ES256'],
    keys,
  } as const;
  return { by: new TokenVerifier({ issuers: [issuer], now: () => now }), bundle };
}

async function token(key: string, header: Record<string, unknown>): Promise<string> {
  const signing = await importPKCS8(readFileSync(join(home, `${key}.key`), 'utf8'), 'ES256');
  return new SignJWT({ access: [] })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', ...header })
    .setIssuer('token.example')
    .setAudience('registry')
    .setSubject('alice')
    .setExpirationTime(Math.floor(now / 1000) + 5 * day)
    .sign(signing);
}

async function outcome(by: TokenVerifier, text: string): Promise<string> {
  try {
    return (await by.verify(text)).subject;
  } catch (error) {
    if (error instanceof OciError) return error.code;
    throw error;
  }
}

describe('a token with certificates (x5c)', () => {
  it.each([
    ['a certificate of the authority', 'leaf', ['leaf']],
    ['a chain over two authorities', 'deep', ['deep', 'inner', 'middle']],
    ['a chain in another order', 'deep', ['deep', 'middle', 'inner']],
    ['a chain that repeats the root', 'leaf', ['leaf', 'root']],
    ['the trusted certificate itself', 'root', ['root']],
  ])('is verified by %s', async (_, key, chain) => {
    const { by } = verifierOf('stranger', 'root');
    expect(await outcome(by, await token(key, { x5c: x5c(...chain) }))).toBe('alice');
    expect(await outcome(by, await token(key, { kid: 'unknown', x5c: x5c(...chain) }))).toBe('alice');
  });

  it.each([
    ['another authority', 'strange', () => x5c('strange', 'stranger')],
    ['no chain to the authority', 'deep', () => x5c('deep', 'middle')],
    ['a certificate that a leaf has signed', 'by a leaf', () => x5c('by a leaf', 'leaf')],
    ['an authority that may sign no certificates', 'by no signer', () => x5c('by no signer', 'no signer')],
    ['a signature with SHA-1', 'weak', () => x5c('weak')],
    ["another's key", 'strange', () => x5c('leaf')],
    ['the leaf in another place', 'leaf', () => x5c('root', 'leaf')],
    ['no certificates', 'leaf', () => []],
    ['no list', 'leaf', () => x5c('leaf')[0]],
    ['no base64', 'leaf', () => [`${x5c('leaf')[0]}\n`]],
    ['a cut certificate', 'leaf', () => [x5c('leaf')[0]?.slice(0, -40)]],
    [
      'too many certificates',
      'leaf',
      () => [...x5c('leaf'), ...Array.from({ length: 10 }, () => x5c('root')[0])],
    ],
    ['something else', 'leaf', () => [7]],
  ])('is refused with %s', async (_, key, chain) => {
    const { by } = verifierOf('root');
    expect(await outcome(by, await token(key, { x5c: chain() }))).toBe('UNAUTHORIZED');
  });

  it('is refused where a JWK set is trusted and no certificate', async () => {
    const keys = new FileKeys({ jwks: join(home, 'set.json') });
    writeFileSync(join(home, 'set.json'), '{"keys":[]}');
    const by = new TokenVerifier({
      issuers: [{ issuer: 'token.example', audience: 'registry', own: false, algorithms: ['ES256'], keys }],
      now: () => now,
    });
    expect(await outcome(by, await token('leaf', { x5c: x5c('leaf') }))).toBe('UNAUTHORIZED');
  });

  it('goes with its certificate, and with the authority that was trusted', async () => {
    const { by, bundle } = verifierOf('root');
    const [short, long] = [
      await token('short', { x5c: x5c('short') }),
      await token('leaf', { x5c: x5c('leaf') }),
    ];
    const began = now;
    try {
      expect([await outcome(by, short), await outcome(by, long)]).toEqual(['alice', 'alice']);
      now += 3 * day * 1000;
      expect([await outcome(by, short), await outcome(by, long)]).toEqual(['UNAUTHORIZED', 'alice']);
      writeFileSync(bundle, pem('stranger'));
      // The next use starts to read the file again, after ten minutes at most.
      now += 601_000;
      by.known(long);
      await expect.poll(() => by.known(long)).toBeUndefined();
      expect(await outcome(by, long)).toBe('UNAUTHORIZED');
      expect(await outcome(by, await token('strange', { x5c: x5c('strange') }))).toBe('alice');
    } finally {
      now = began;
    }
  });

  it('is verified at once by an authority that was added', async () => {
    const { by, bundle } = verifierOf('root');
    expect(await outcome(by, await token('strange', { x5c: x5c('strange') }))).toBe('UNAUTHORIZED');
    writeFileSync(bundle, pem('stranger'));
    expect(await outcome(by, await token('strange', { x5c: x5c('strange'), jti: 'another' }))).toBe('alice');
  });
});
