import { choice } from '@longshore/fields';

const names = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
] as const;

/** A suite by its name in Go and RFC 8447. The CBC and RSA key-exchange suites that Go still knows are not offered. */
export const cipherSuite = (description: string) => choice(description, names);

/** Returns OpenSSL's name of the suite, which Node's `ciphers` option takes. */
export function opensslCipherName(name: string): string {
  if (!name.includes('_WITH_')) return name;
  return name
    .slice('TLS_'.length)
    .replace('_WITH', '')
    .replaceAll(/AES_(\d+)/g, 'AES$1')
    .replace('_POLY1305_SHA256', '_POLY1305')
    .replaceAll('_', '-');
}
