import { X509Certificate, type KeyObject } from 'node:crypto';

/** Most certificates in a token, which is at most 8 KiB long. */
const maximumCertificates = 10;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

export interface VerifiedLeaf {
  readonly publicKey: KeyObject;
  /** Milliseconds since 1970. Expiry of the chain's first certificate to expire. */
  readonly until: number;
}

/**
 * Verifies the certificates of a token's header `x5c` (RFC 7515, section 4.1.6). The first has the signing key; the others may lead to one of the
 * anchors, in any order, as in Go's x509 and so in distribution. Every certificate must be valid now, and every issuer an authority that may sign
 * certificates. Names and extended key usages do not matter for a token. Node does not expose path lengths and name constraints, so they are not
 * checked: a party that could exceed them holds an authority's key and can sign tokens with it anyway.
 * @param now milliseconds since 1970
 * @returns undefined if no chain leads to an anchor
 */
export function verifyCertificateChain(
  x5c: unknown,
  anchors: readonly X509Certificate[],
  now: number,
): VerifiedLeaf | undefined {
  const [leaf, ...intermediates] = parse(x5c);
  if (leaf === undefined) return undefined;
  const until = findChain(leaf, { intermediates, anchors, now });
  return until === undefined ? undefined : { publicKey: leaf.publicKey, until };
}

interface Trust {
  readonly intermediates: readonly X509Certificate[];
  readonly anchors: readonly X509Certificate[];
  readonly now: number;
}

/** @returns the expiry of the chain; undefined if there is none */
function findChain(certificate: X509Certificate, { intermediates, anchors, now }: Trust): number | undefined {
  if (!isValid(certificate, now) || hasWeakSignature(certificate)) return undefined;
  const expires = certificate.validToDate.getTime();
  if (anchors.some(({ raw }) => raw.equals(certificate.raw))) return expires;
  for (const anchor of anchors)
    if (isValid(anchor, now) && isIssuedBy(certificate, anchor))
      return Math.min(expires, anchor.validToDate.getTime());
  for (const issuer of intermediates) {
    if (!isIssuedBy(certificate, issuer)) continue;
    const rest = intermediates.filter((other) => other !== issuer);
    const until = findChain(issuer, { intermediates: rest, anchors, now });
    if (until !== undefined) return Math.min(expires, until);
  }
  return undefined;
}

function isValid({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}

/** `checkIssued` compares names and key identifiers and checks the issuer's key usage; `verify` checks the signature. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** As in Go: collisions of these hashes allow forged certificates. Undefined on Node before 24.9, where OpenSSL's own level applies. */
function hasWeakSignature({ signatureAlgorithm }: X509Certificate): boolean {
  return /md5|sha-?1(?!\d)/i.test(signatureAlgorithm ?? '');
}

function parse(x5c: unknown): X509Certificate[] {
  if (!Array.isArray(x5c) || x5c.length > maximumCertificates) return [];
  try {
    return x5c.map((text: unknown) => {
      if (typeof text !== 'string' || !base64.test(text)) throw new TypeError('not base64');
      return new X509Certificate(Buffer.from(text, 'base64'));
    });
  } catch {
    return []; // The caller refuses the token.
  }
}
