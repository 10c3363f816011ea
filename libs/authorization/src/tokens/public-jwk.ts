import type { KeyObject } from 'node:crypto';
import type { JWK } from 'jose';

/** @returns undefined for a key that JWK cannot express, such as DSA; it verifies no tokens */
export function publicJwk(key: KeyObject): JWK | undefined {
  try {
    const exported: unknown = key.export({ format: 'jwk' });
    return isJwk(exported) ? exported : undefined;
  } catch {
    return undefined; // Node gives no more than the reason that the caller reports as well.
  }
}

export const isJwk = (value: unknown): value is JWK =>
  typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string';
