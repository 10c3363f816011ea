import { OciError } from './errors.ts';

declare const brand: unique symbol;
/** A content digest in its canonical spelling: `sha256:` or `sha512:` and the hash in lower-case hex. */
export type Digest = string & { readonly [brand]: 'Digest' };

export type DigestAlgorithm = 'sha256' | 'sha512';

const canonical = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/** The first byte of a stored digest. Databases contain it: never renumber. */
const algorithmBytes: Record<DigestAlgorithm, number> = { sha256: 1, sha512: 2 };

export function isDigest(text: string): text is Digest {
  return canonical.test(text);
}

/** @throws OciError DIGEST_INVALID for any other spelling, algorithm or length */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new OciError('DIGEST_INVALID', { digest: text.slice(0, 256) });
  return text;
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512';
}

export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** Returns the algorithm's byte and the hash, as stored in Postgres. */
export function digestToBytes(digest: Digest): Buffer {
  const hex = digestHex(digest);
  const bytes = Buffer.allocUnsafe(1 + hex.length / 2);
  bytes[0] = algorithmBytes[digestAlgorithm(digest)];
  bytes.write(hex, 1, 'hex');
  return bytes;
}

/** @throws Error if the bytes are not a stored digest: the row is corrupt, and the client made no mistake */
export function digestFromBytes(bytes: Uint8Array): Digest {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = `${algorithmOf(view[0])}:${view.toString('hex', 1)}`;
  if (!isDigest(text)) throw new Error('a stored digest has an unknown form');
  return text;
}

function algorithmOf(byte: number | undefined): string {
  if (byte === algorithmBytes.sha256) return 'sha256';
  return byte === algorithmBytes.sha512 ? 'sha512' : '';
}
