import { describe, expect, it } from 'vitest';
import { Seal } from './seal.ts';

const plain = Buffer.from('plain');

describe('Seal', () => {
  it('opens its seals, and never seals alike twice', () => {
    const seal = new Seal('secret', 'a');
    const sealed = [seal.seal(plain, 'row'), seal.seal(plain, 'row')] as const;
    expect(sealed.map((each) => new Seal('secret', 'a').open(each, 'row')?.toString())).toEqual([
      'plain',
      'plain',
    ]);
    expect(sealed[0].equals(sealed[1])).toBe(false);
  });

  it('rejects another secret, purpose or context, and text that was changed or cut', () => {
    const sealed = new Seal('secret', 'a').seal(plain, 'row');
    expect(new Seal('other', 'a').open(sealed, 'row')).toBeUndefined();
    expect(new Seal('secret', 'b').open(sealed, 'row')).toBeUndefined();
    expect(new Seal('secret', 'a').open(sealed, 'another')).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(new Seal('secret', 'a').open(changed, 'row')).toBeUndefined();
      expect(new Seal('secret', 'a').open(sealed.subarray(0, at), 'row')).toBeUndefined();
    }
  });
});
