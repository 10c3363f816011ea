import { compareSync, hashSync } from 'bcryptjs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHtpasswd } from './htpasswd.ts';

const hash = hashSync('secret', 4);
const variant = (letter: string, cost = '04'): string => `$2${letter}$${cost}${hash.slice(6)}`;

describe('parseHtpasswd', () => {
  it('reads bcrypt in its three spellings, whatever ends the lines', () => {
    const { hashes, complaints } = parseHtpasswd(
      `\uFEFFa:${variant('a')}\r\n# comment\n\nb:${variant('b')}\ny:${variant('y')}`,
    );
    expect([...hashes.keys()]).toEqual(['a', 'b', 'y']);
    expect([...hashes.values()].every((each) => compareSync('secret', each))).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('gives access by nothing but bcrypt, says which line, and quotes none of it', () => {
    const canaries = [
      'a:canary',
      'b:$apr1$canary',
      'c:{SHA}canary',
      'd:',
      ':canary',
      'canary',
      `e:${variant('x')}`,
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

  it('lets the last line of a name count', () => {
    expect(parseHtpasswd(`a:${variant('a')}\na:${variant('y')}`).hashes.get('a')).toBe(variant('y'));
  });

  it("makes a decoy as costly as most accounts' hashes", () => {
    expect(
      parseHtpasswd(`a:${variant('b', '05')}\nb:${variant('b', '06')}\nc:${variant('b', '06')}`).decoy,
    ).toMatch(/^\$2b\$06\$[./A-Za-z0-9]{53}$/);
    expect(parseHtpasswd('').decoy).toMatch(/^\$2b\$10\$/);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(parseHtpasswd(text).hashes.size).toBe(0);
      }),
    );
  });
});
