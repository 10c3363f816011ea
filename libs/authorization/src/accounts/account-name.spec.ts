import { describe, expect, it } from 'vitest';
import { isAccountName, requireAccountName } from './account-name.ts';

describe('isAccountName', () => {
  it('accepts names of people, machines and mail addresses', () => {
    for (const name of ['a', 'ann', 'ann.smith', 'ann+ci@example.com', 'build-7', '0', 'x'.repeat(128)])
      expect(isAccountName(name), name).toBe(true);
  });

  it('accepts no second spelling, no separator of another syntax, and nothing that looks like another name', () => {
    const names = [
      '',
      'Ann',
      'ann ',
      ' ann',
      'ann\n',
      'a:b',
      'a/b',
      'robot$ci',
      '$x',
      '-a',
      'a-',
      '.',
      'a\0',
    ];
    for (const name of [...names, 'ann\u00a0', 'а', 'ａnn', 'x'.repeat(129), '*', 'a,b', 'a b', '__proto__'])
      expect(isAccountName(name), JSON.stringify(name)).toBe(false);
    expect(() => requireAccountName('user', 'Ann')).toThrow(/a user's name has at most 128 characters/);
  });
});
