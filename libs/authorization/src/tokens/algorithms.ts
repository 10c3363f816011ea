import type { JWK } from 'jose';

/** Signature algorithms that a token may use; all asymmetric. With HS* every verifier could also sign, and a public key could pass for the secret. */
export const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/** Algorithms with which the registry can sign its own tokens. */
export const signingAlgorithms = ['ES256', 'EdDSA', 'RS256'] as const satisfies readonly SignatureAlgorithm[];
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

export const isSignatureAlgorithm = (text: unknown): text is SignatureAlgorithm =>
  signatureAlgorithms.some((algorithm) => algorithm === text);

const byCurve: Readonly<Record<string, readonly SignatureAlgorithm[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA'],
};

/** Returns the algorithms of a key, decided by the key alone and never by a token. Empty for keys that verify nothing. */
export function algorithmsOf({ kty, crv, alg, use }: JWK): readonly SignatureAlgorithm[] {
  if (use !== undefined && use !== 'sig') return [];
  const possible =
    kty === 'RSA'
      ? signatureAlgorithms.filter((algorithm) => /^[RP]S/.test(algorithm))
      : kty === 'EC' || kty === 'OKP'
        ? (byCurve[crv ?? ''] ?? [])
        : [];
  return alg === undefined
    ? possible
    : possible.filter((algorithm) => algorithm === alg || (algorithm === 'EdDSA' && alg === 'Ed25519'));
}
