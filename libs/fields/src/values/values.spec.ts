import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';

describe('parseDuration', () => {
  it.each([
    ['168h', 604_800_000],
    ['1m30s', 90_000],
    ['100ms', 100],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['0', 0],
    ['0s', 0],
    ['300', 300_000],
    ['1h2m3s4ms', 3_723_004],
    ['10us', 0.01],
  ])('reads %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each(['', 's', '-1s', '1d', '1 s', '1s ', '1e3s', '1000000000', 'Infinity', '1s1'])(
    'does not read "%s"',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it('adds up all parts that Go would write', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(59), fc.nat(59), (h, m, s) => {
        expect(parseDuration(`${h}h${m}m${s}s`)).toBe(((h * 60 + m) * 60 + s) * 1000);
      }),
    );
  });

  it('ends quickly on any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 5000 }), (text) => void parseDuration(text)));
    expect(parseDuration('1'.repeat(100_000))).toBeUndefined();
  });
});

describe('parseByteSize', () => {
  it.each([
    ['5242880', 5_242_880],
    ['10MiB', 10_485_760],
    ['10mb', 10_000_000],
    ['4 k', 4096],
    ['1.5GiB', 1_610_612_736],
  ])('reads %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

  it.each(['', 'MiB', '-1', '1TB', '0.3', '99999999999GiB'])('does not read "%s"', (text) =>
    expect(parseByteSize(text)).toBeUndefined(),
  );
});

describe('nearest', () => {
  it('finds the word that a typing mistake meant, and nothing for another word', () => {
    expect(nearest('adress', ['addr', 'address', 'host'])).toBe('address');
    expect(nearest('acme', ['cache', 'azure'])).toBeUndefined();
  });
});
