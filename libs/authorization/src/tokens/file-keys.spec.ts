import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileKeys } from './file-keys.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

// RFC 7638, section 3.1.
const rfc7638 = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
};

// A throw-away certificate. Its fingerprint was computed with OpenSSL, sha256 and base32.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUNWNVC7CyCh9Pt/djOGET01nbypEwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjQxMjA0NDNaGA8yMTI2MTAzMTEyMDQ0
M1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHRJ
BRlJguHFNC77VqK/Uxm0IfQobduIk9x7pt5TfpHSP9zleUvONwTl5HfXnddFFhbu
Kw+vDfhTn4Rf2GiUSMyjUzBRMB0GA1UdDgQWBBS8qngKq3WA4r4cAUT2BAZu2Emp
KzAfBgNVHSMEGDAWgBS8qngKq3WA4r4cAUT2BAZu2EmpKzAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIALNnVRI9G8uIpau4CebiD4I/75b5tUeMkZb
a/AjWAS4AiEA5afIRruWoB56wzOdzduZCIekDwCTzGtR+AC9HkTOlu0=
-----END CERTIFICATE-----`;
const fingerprint = '7XRG:PZXM:ZP2W:MDKV:P42Z:P5MO:44M5:FKJF:A3JV:NYHI:JHE6:XZK3';

describe('FileKeys', () => {
  it("gives a key without an id its thumbprint (RFC 7638's example)", async () => {
    const { keys } = await new FileKeys({
      jwks: await file('set.json', JSON.stringify({ keys: [rfc7638, { ...rfc7638, kid: 'own' }] })),
    }).keys();
    expect(keys.map(({ kid }) => kid)).toEqual(['NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', 'own']);
  });

  it('gives the key of a certificate under the ids of both generations of distribution', async () => {
    const { keys } = await new FileKeys({
      rootcertbundle: await file('bundle.pem', `Subject: CN = test\n${certificate}\n`),
    }).keys();
    expect(keys.map(({ kid }) => kid)).toEqual([expect.stringMatching(/^[\w-]{43}$/), fingerprint]);
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256' });
    expect(keys[0]).not.toHaveProperty('d');
  });

  it('names no key that verifies no token, so that a file without use is told from others', async () => {
    const useless = [
      { kty: 'oct', k: 'AAAA' },
      { ...rfc7638, use: 'enc' },
      { kty: 'EC', crv: 'secp256k1', x: 'a', y: 'b' },
    ];
    const { keys } = await new FileKeys({
      jwks: await file('useless.json', JSON.stringify({ keys: useless })),
    }).keys();
    expect(keys).toEqual([]);
  });

  it('reads a file again, so that a rotation needs no restart', async () => {
    const path = await file('rotating.json', JSON.stringify({ keys: [] }));
    const source = new FileKeys({ jwks: path });
    expect((await source.keys()).keys).toEqual([]);
    await writeFile(path, JSON.stringify({ keys: [rfc7638] }));
    expect((await source.keys()).keys).toHaveLength(1);
  });

  it('names a file without usable keys, and quotes none of it', async () => {
    for (const text of ['canary', '{"keys":7}', '{"keys":[7]}', '[]', '{"canary":']) {
      const path = await file('bad.json', text);
      await expect(new FileKeys({ jwks: path }).keys()).rejects.toThrow(`${path} holds no JWK set`);
    }
    const path = await file('bad.pem', 'canary');
    await expect(new FileKeys({ rootcertbundle: path }).keys()).rejects.toThrow(
      `${path} holds no PEM certificate`,
    );
    const cut = await file(
      'cut.pem',
      `${certificate}\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
    );
    await expect(new FileKeys({ rootcertbundle: cut }).keys()).rejects.toThrow(
      `${cut}: certificate 2 cannot be read`,
    );
    await expect(new FileKeys({ jwks: join(directory, 'absent') }).keys()).rejects.toThrow(
      'absent cannot be read',
    );
  });
});
