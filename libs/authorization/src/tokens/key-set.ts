import { calculateJwkThumbprint, type JWK } from 'jose';
import { algorithmsOf } from './algorithms.ts';
import { isJwk } from './public-jwk.ts';

/**
 * Returns the keys of a JWK set (RFC 7517) that can verify tokens, without the others: a set may hold keys for encryption, or of kinds that are not known
 * yet. A key without an id gets its RFC 7638 thumbprint, which token servers write if they have no other.
 * @param name of the text, for the error
 * @throws Error if the text is no JWK set. It quotes nothing of it
 */
export async function readKeySet(text: string, name: string): Promise<JWK[]> {
  const keys = keysMember(text);
  if (keys === undefined) throw new Error(`${name} holds no JWK set`);
  return Promise.all(keys.filter((jwk) => algorithmsOf(jwk).length > 0).map(identified));
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
    return undefined; // The caller's error names the text; the parser's error would quote it.
  }
}
