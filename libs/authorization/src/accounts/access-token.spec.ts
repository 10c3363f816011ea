import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { accessTokenHash, isAccessToken, newAccessToken } from './access-token.ts';

/** As documented for secret scanners, in docs/runbooks/accounts.md. */
const documented = /\bls[pb]_[0-9A-Za-z]{36}\b/;

describe('an access token', () => {
  it('has the documented form and a checksum, for users and robots', () => {
    for (const [owner, prefix] of [
      ['user', 'lsp_'],
      ['robot', 'lsb_'],
    ] as const) {
      const { secret, hash } = newAccessToken(owner);
      expect(secret.slice(0, 4)).toBe(prefix);
      expect(secret).toMatch(new RegExp(`^${documented.source}$`));
      expect(isAccessToken(secret)).toBe(true);
      expect(hash).toEqual(createHash('sha256').update(secret).digest());
      expect(hash).toEqual(accessTokenHash(secret));
    }
  });

  it('is not any text of that form: the checksum is the CRC-32 in base 62 of all before', () => {
    // Computed by Python: zlib.crc32(b'lsp_' + b'A' * 30) = 390166109.
    expect(isAccessToken(`lsp_${'A'.repeat(30)}0QP61l`)).toBe(true);
    expect(isAccessToken(`lsp_${'A'.repeat(30)}0QP61m`)).toBe(false);
    expect(isAccessToken(`lsb_${'A'.repeat(30)}0QP61l`)).toBe(false);
    for (const text of ['', 'lsp_', `lsp_${'A'.repeat(36)}`, ` lsp_${'A'.repeat(30)}0QP61l`, 'secret'])
      expect(isAccessToken(text)).toBe(false);
  });

  it('is never the same twice, and uses every digit', () => {
    const secrets = Array.from({ length: 500 }, () => newAccessToken('user').secret);
    expect(new Set(secrets).size).toBe(500);
    expect(new Set(secrets.map((secret) => secret.slice(4, 34)).join('')).size).toBe(62);
  });
});
