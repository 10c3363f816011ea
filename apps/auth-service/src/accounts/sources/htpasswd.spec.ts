import { compareSync, hashSync } from 'bcryptjs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHtpasswd } from './htpasswd.ts';
import { passwordWork } from './password-work.ts';

const hash = hashSync('secret', 4);
const variant = (letter: string, cost = '04'): string => `$2${letter}$${cost}${hash.slice(6)}`;

describe('parseHtpasswd', () => {
  it('reads bcrypt with each prefix that distribution reads, whatever ends the lines', () => {
    const accounts = parseHtpasswd(
      `\uFEFFa:${variant('a')}\r\n# comment\n\nb:${variant('b')}\nx:${variant('x')}\ny:${variant('y')}\nnone:${variant('')}`,
    );
    expect([...accounts.hashes.keys()]).toEqual(['a', 'b', 'x', 'y', 'none']);
    for (const name of accounts.hashes.keys())
      expect(compareSync('secret', passwordWork(accounts.hashes.get(name), 4).hash), name).toBe(true);
    expect(accounts.complaints).toEqual([]);
  });

  it('accepts only bcrypt, and reports other lines by number without quoting them', () => {
    const canaries = [
      'a:canary',
      'b:$apr1$canary',
      'c:{SHA}canary',
      'd:',
      ':canary',
      'canary',
      `e:${variant('z')}`,
      `e2:$3b${variant('b').slice(3)}`,
      `f:${variant('b', '17')}`,
      `g:${variant('b')}x`,
      `h: ${variant('b')}`,
    ];
    const { hashes, complaints } = parseHtpasswd(canaries.join('\n'));
    expect(hashes.size).toBe(0);
    expect(complaints).toHaveLength(canaries.length);
    expect(complaints[5]).toBe('line 6: not of the form name:hash');
    expect(complaints.join(' ')).not.toContain('canary');
  });

  it('uses the last line of a repeated name', () => {
    expect(parseHtpasswd(`a:${variant('a')}\na:${variant('y')}`).hashes.get('a')).toBe(variant('y'));
  });

  it('ignores blanks around a line, as distribution does', () => {
    const { hashes, complaints } = parseHtpasswd(
      `  a:${variant('a')} \t\r\n\t# comment\n   \n\u00a0b:${variant('b')}`,
    );
    expect([...hashes]).toEqual([
      ['a', variant('a')],
      ['b', variant('b')],
    ]);
    expect(complaints).toEqual([]);
  });

  it('costs the same for every wrong password, whatever the costs of the accounts', () => {
    const accounts = parseHtpasswd(
      `a:${variant('b', '05')}\nb:${variant('b', '06')}\nc:${variant('b', '09')}\nd:${variant('y', '09')}`,
    );
    expect(accounts.highestCost).toBe(9);
    expect(parseHtpasswd('').highestCost).toBe(0);
    const work = (name: string) => passwordWork(accounts.hashes.get(name), accounts.highestCost);
    const rounds = (name: string): number =>
      [work(name).hash, ...work(name).padding].reduce((sum, each) => sum + 2 ** Number(each.slice(4, 6)), 0);
    expect(['a', 'b', 'c', 'd', 'nobody', ''].map(rounds)).toEqual(Array.from({ length: 6 }, () => 2 ** 9));
    expect(work('a').hash).toBe(variant('b', '05'));
    for (const decoy of work('a').padding) expect(decoy).toMatch(/^\$2b\$0\d\$[./A-Za-z0-9]{53}$/);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(parseHtpasswd(text).hashes.size).toBe(0);
      }),
    );
  });
});
