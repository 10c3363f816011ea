import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { algorithmsOf } from './algorithms.ts';
import { KeySource, type KeySet } from './key-source.ts';
import { isJwk, publicJwk } from './public-jwk.ts';

export interface KeyFiles {
  /** A file with a JWK set (RFC 7517). */
  readonly jwks?: string | undefined;
  /** A file with PEM certificates: their keys sign tokens, or they are the anchors of certificates in tokens (`x5c`). */
  readonly rootcertbundle?: string | undefined;
}

/** Bytes. */
const maximumFile = 1024 * 1024;

/** Reads the keys of an external token server from files, again each time, so a rotated file needs no restart. */
export class FileKeys extends KeySource {
  readonly #files: KeyFiles;

  constructor(files: KeyFiles) {
    super();
    this.#files = files;
  }

  /** @throws Error that names the file */
  override async keys(): Promise<KeySet> {
    const { jwks, rootcertbundle } = this.#files;
    const fromSet = jwks === undefined ? [] : await keysOfSet(await read(jwks), jwks);
    const anchors =
      rootcertbundle === undefined ? [] : certificatesOf(await read(rootcertbundle), rootcertbundle);
    const fromCertificates = await Promise.all(anchors.map(keysOfCertificate));
    // Drops keys that verify no token, so that a check of the file detects a file without usable keys.
    const keys = [...fromSet, ...fromCertificates.flat()].filter((jwk) => algorithmsOf(jwk).length > 0);
    return { keys, anchors };
  }
}

async function read(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`${path} cannot be read`, { cause });
  });
  if (text.length > maximumFile) throw new Error(`${path} is larger than ${maximumFile} bytes`);
  return text;
}

/** Gives a key without an id its RFC 7638 thumbprint, which token servers write if they have no other. */
async function keysOfSet(text: string, path: string): Promise<JWK[]> {
  const keys = keysMember(text);
  if (keys === undefined) throw new Error(`${path} holds no JWK set`);
  return Promise.all(keys.map(identified));
}

async function identified(jwk: JWK): Promise<JWK> {
  return jwk.kid === undefined ? { ...jwk, kid: await calculateJwkThumbprint(jwk) } : jwk;
}

function keysMember(text: string): JWK[] | undefined {
  try {
    const document: unknown = JSON.parse(text);
    const keys =
      typeof document === 'object' && document !== null && 'keys' in document ? document.keys : undefined;
    return Array.isArray(keys) && keys.every(isJwk) ? keys : undefined;
  } catch {
    return undefined; // The caller's error names the file; the parser's error would quote it.
  }
}

const certificateForm = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @throws Error that names the file, and the certificate's position in it */
function certificatesOf(text: string, path: string): X509Certificate[] {
  const certificates = text.match(certificateForm) ?? [];
  if (certificates.length === 0) throw new Error(`${path} holds no PEM certificate`);
  return certificates.map((pem, index) => {
    try {
      return new X509Certificate(pem);
    } catch (cause) {
      throw new Error(`${path}: certificate ${index + 1} cannot be read`, { cause });
    }
  });
}

/**
 * Returns the key of a certificate under both ids that token servers use: the RFC 7638 thumbprint (distribution 3) and libtrust's fingerprint
 * (distribution 2).
 */
async function keysOfCertificate({ publicKey }: X509Certificate): Promise<JWK[]> {
  const jwk = publicJwk(publicKey);
  if (jwk === undefined) return [];
  return [
    { ...jwk, kid: await calculateJwkThumbprint(jwk) },
    { ...jwk, kid: libtrustFingerprint(publicKey) },
  ];
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** libtrust: the first 240 bits of the SHA-256 of the SubjectPublicKeyInfo in base32, in groups of four between colons. */
function libtrustFingerprint(key: KeyObject): string {
  const hash = createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest();
  let bits = '';
  for (const byte of hash.subarray(0, 30)) bits += byte.toString(2).padStart(8, '0');
  const letters = bits.replaceAll(/.{5}/g, (five) => base32[Number.parseInt(five, 2)] ?? '');
  return letters.match(/.{4}/g)?.join(':') ?? '';
}
