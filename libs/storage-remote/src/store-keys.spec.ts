import { objectKey } from '@longshore/storage';
import { describe, expect, it } from 'vitest';
import { StoreKeys } from './store-keys.ts';

describe('StoreKeys', () => {
  it.each([
    ['', 'uploads/1', '~uploads/uploads/1/'],
    ['/', 'uploads/1', '~uploads/uploads/1/'],
    ['/a/registry/', 'a/registry/uploads/1', 'a/registry/~uploads/uploads/1/'],
  ])('puts objects and side objects below %j', (root, object, side) => {
    const keys = new StoreKeys(root);
    const key = objectKey('uploads/1');
    expect([keys.object(key), keys.side(key)]).toEqual([object, side]);
    expect(keys.key(object)).toBe(key);
    expect(keys.keyOfSide(`${side}tail`)).toBe(key);
  });

  it.each(['other/a', 'root', 'root/', 'root/~uploads/a/tail', 'root/a b', 'root/../a'])(
    'recognizes no object that it would not write: %s',
    (name) => {
      expect(new StoreKeys('root').key(name)).toBeUndefined();
    },
  );

  it.each(['root/a/tail', 'root/~uploads/tail', '~uploads/a/tail'])(
    'recognizes no side object that it would not write: %s',
    (name) => {
      expect(new StoreKeys('root').keyOfSide(name)).toBeUndefined();
    },
  );
});
