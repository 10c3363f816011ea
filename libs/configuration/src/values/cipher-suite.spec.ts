import { describe, expect, it } from 'vitest';
import { opensslCipherName } from './cipher-suite.ts';

describe('opensslCipherName', () => {
  it.each([
    ['TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ])('translates %s', (name, openssl) => expect(opensslCipherName(name)).toBe(openssl));
});
