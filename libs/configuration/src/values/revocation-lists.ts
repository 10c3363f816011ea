/** Returns the revocation lists in a PEM file, each as PEM: OpenSSL reads only the first one of a file. */
export function revocationListsIn(pem: string): string[] {
  const lists = pem.matchAll(/-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g);
  return [...lists].map(([list]) => `${list}\n`);
}
