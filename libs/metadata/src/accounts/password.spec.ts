import { describe, expect, it } from 'vitest';
import { passwordHash, randomPassword } from './password.ts';

describe('passwordHash', () => {
  it('hashes what bcrypt compares whole, and refuses the rest', async () => {
    expect(await passwordHash('correct horse battery')).toMatch(/^\$2[aby]\$10\$/);
    expect(await passwordHash('x'.repeat(72))).toMatch(/^\$2/);
    for (const password of ['short', 'x'.repeat(73), 'ä'.repeat(37), 'a tab\tin the password', ''])
      expect(() => passwordHash(password)).toThrow(/a password has at least 12 characters/);
    expect(() => passwordHash(`lsp_${'A'.repeat(30)}0QP61l`)).toThrow(/form of an access token/);
  });

  it('accepts random passwords', async () => {
    expect(randomPassword()).not.toBe(randomPassword());
    await expect(passwordHash(randomPassword())).resolves.toMatch(/^\$2/);
  });
});
