import { describe, expect, it } from 'vitest';
import { objectKey } from '../../object-key.ts';
import { signingTime } from './signing-time.ts';
import { StoreKeys } from './store-keys.ts';

describe('StoreKeys', () => {
  it.each([
    ['', 'uploads/1', '~uploads/uploads/1/'],
    ['/', 'uploads/1', '~uploads/uploads/1/'],
    ['/a/registry/', 'a/registry/uploads/1', 'a/registry/~uploads/uploads/1/'],
  ])('puts objects and what belongs to uploads below %j', (root, object, side) => {
    const keys = new StoreKeys(root);
    const key = objectKey('uploads/1');
    expect([keys.object(key), keys.side(key)]).toEqual([object, side]);
    expect(keys.key(object)).toBe(key);
    expect(keys.keyOfSide(`${side}tail`)).toBe(key);
  });

  it.each(['other/a', 'root', 'root/', 'root/~uploads/a/tail', 'root/a b', 'root/../a'])(
    'takes no object for its own that it would not write: %s',
    (name) => {
      expect(new StoreKeys('root').key(name)).toBeUndefined();
    },
  );

  it.each(['root/a/tail', 'root/~uploads/tail', '~uploads/a/tail'])('nor a side object: %s', (name) => {
    expect(new StoreKeys('root').keyOfSide(name)).toBeUndefined();
  });
});

describe('signingTime', () => {
  it('is the same throughout half the life of a URL, and leaves the other half', () => {
    const begin = Date.parse('2026-01-01T00:00:00Z');
    for (const later of [0, 1, 599_999]) expect(signingTime(1200, begin + later)).toEqual(new Date(begin));
    expect(signingTime(1200, begin + 600_000)).toEqual(new Date(begin + 600_000));
  });

  it('is no older than a second for a URL of a second', () => {
    expect(signingTime(1, 12_345)).toEqual(new Date(12_000));
  });
});
