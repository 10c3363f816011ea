import { describe, expect, it } from 'vitest';
import { addressOf } from './address.ts';

describe('addressOf', () => {
  it.each([
    [':5000', { port: 5000 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
    ['[::1]:5000', { host: '::1', port: 5000 }],
  ])('reads %s as Go does', (text, address) => {
    expect(addressOf(text)).toEqual(address);
  });

  it.each(['5000', 'localhost', '::1:5000', ':65536', ':-1', ':5000/', 'http://localhost:5000', 'a b:1', ''])(
    'refuses "%s"',
    (text) => {
      expect(addressOf(text)).toBeUndefined();
    },
  );
});
