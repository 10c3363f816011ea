import type { X509Certificate } from 'node:crypto';

/** The names in a certificate, each as the authority signed it. */
export interface CertificateNames {
  /** Undefined unless the subject has exactly one. */
  readonly commonName: string | undefined;
  /** The whole subject in the certificate's order: `O=Example,OU=people,CN=ann`. */
  readonly subject: string;
  /** In lower case. */
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly uri: readonly string[];
  /** Undefined unless the only URI is a SPIFFE ID, as the X.509-SVID standard demands. */
  readonly spiffe: string | undefined;
}

/** Reads the names of a certificate. */
export function namesIn(certificate: X509Certificate): CertificateNames {
  const alternatives = alternativesIn(certificate.subjectAltName ?? '');
  const named = (kind: string): readonly string[] =>
    alternatives.filter(([found]) => found === kind).map(([, value]) => value);
  const uri = named('URI');
  const [only = ''] = uri;
  const { CN } = certificate.toLegacyObject().subject;
  return {
    commonName: typeof CN === 'string' ? CN : undefined,
    // Node escapes line breaks within a value, and separates values by them.
    subject: certificate.subject.replaceAll('\n', ','),
    dns: named('DNS').map((name) => name.toLowerCase()),
    email: named('email'),
    uri,
    spiffe: uri.length === 1 && !certificate.ca && isSpiffeId(only) ? only : undefined,
  };
}

/** Node writes `DNS:a, URI:b`, and a value that could be taken for another one as a JSON string (CVE-2021-44532). */
const alternative = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/** Returns nothing of a text that is not completely understood. */
function alternativesIn(text: string): readonly (readonly [kind: string, value: string])[] {
  const found: (readonly [string, string])[] = [];
  alternative.lastIndex = 0;
  while (alternative.lastIndex < text.length) {
    const [, kind = '', value = ''] = alternative.exec(text) ?? [];
    if (kind === '') return [];
    found.push([kind, value.startsWith('"') ? String(JSON.parse(value)) : value]);
  }
  return found;
}

const longestSpiffeId = 2048;
const spiffeId = /^spiffe:\/\/[a-z0-9._-]{1,255}((?:\/[A-Za-z0-9._-]+)+)$/;

/** Tells whether a text is the SPIFFE ID of a workload: a trust domain, and a path without `.` and `..`. */
function isSpiffeId(text: string): boolean {
  if (text.length > longestSpiffeId) return false;
  const [, path] = spiffeId.exec(text) ?? [];
  return path !== undefined && !path.split('/').some((part) => part === '.' || part === '..');
}
