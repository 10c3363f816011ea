import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { algorithmsOf } from './algorithms.ts';
import { readKeySet } from './key-set.ts';
import { KeySource, type KeySet } from './key-source.ts';
import { publicJwk } from './public-jwk.ts';

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
    const fromSet = jwks === undefined ? [] : await readKeySet(await read(jwks), jwks);
    const anchors =
      rootcertbundle === undefined ? [] : certificatesOf(await read(rootcertbundle), rootcertbundle);
    const fromCertificates = await Promise.all(anchors.map(keysOfCertificate));
    // Without keys that verify no token, so that a check of the file detects a file without usable keys.
    const ofCertificates = fromCertificates.flat().filter((jwk) => algorithmsOf(jwk).length > 0);
    return { keys: [...fromSet, ...ofCertificates], anchors };
  }
}

async function read(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`${path} cannot be read`, { cause });
  });
  if (text.length > maximumFile) throw new Error(`${path} is larger than ${maximumFile} bytes`);
  return text;
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
