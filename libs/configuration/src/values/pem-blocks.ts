/** Returns the blocks of a kind (`X509 CRL`) in a PEM file, each as PEM: OpenSSL reads only the first list of a file. */
export function pemBlocks(pem: string, kind: string): string[] {
  const pattern = new RegExp(`-----BEGIN ${kind}-----[^-]*-----END ${kind}-----`, 'g');
  return [...pem.matchAll(pattern)].map(([block]) => `${block}\n`);
}
