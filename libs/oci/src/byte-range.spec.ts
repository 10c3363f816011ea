import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseByteRange } from './byte-range.ts';
import { OciError } from './errors.ts';

describe('parseByteRange', () => {
  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=500-1499', 500, 1499],
    ['bytes=500-', 500, 1999],
    ['bytes=-500', 1500, 1999],
    ['bytes=-5000', 0, 1999],
    ['bytes=1500-5000', 1500, 1999],
    ['bytes=1999-', 1999, 1999],
    ['bytes=0-9999999999999999', 0, 1999],
  ])('%s of 2000 bytes is %i to %i', (header, start, end) => {
    expect(parseByteRange(header, 2000)).toEqual({ start, end });
  });

  it.each([
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=0-1,5-6',
    'bytes=0-1,',
    'items=0-1',
    '0-1',
    'bytes 0-1',
    'bytes=1.5-2',
    'bytes=--1',
    `bytes=${'0-1,'.repeat(10_000)}5-6`,
    `bytes=0-${'9'.repeat(10_000)}`,
  ])('ignores %s', (header) => {
    expect(parseByteRange(header, 2000)).toBeUndefined();
  });

  it.each(['bytes=2000-', 'bytes=5000-10000', 'bytes=500-0', 'bytes=-0'])(
    'refuses %s and says how many bytes there are',
    (header) => {
      expect(() => parseByteRange(header, 2000)).toThrow(
        expect.objectContaining({
          code: 'RANGE_INVALID',
          status: 416,
          headers: { 'content-range': 'bytes */2000' },
        }),
      );
    },
  );

  it('finds no byte in an empty blob', () => {
    for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) {
      expect(() => parseByteRange(header, 0)).toThrow(expect.objectContaining({ code: 'RANGE_INVALID' }));
    }
  });

  it('selects the bytes that slicing would', () => {
    const size = 64;
    const content = Array.from({ length: size }, (_, index) => index);
    const positions = fc.option(fc.nat(80), { nil: undefined });
    fc.assert(
      fc.property(positions, positions, (first, last) => {
        const wanted = content.filter((position) => {
          if (first === undefined) return last === undefined || position >= size - last;
          return position >= first && position <= (last ?? size);
        });
        expect(selected(`bytes=${first ?? ''}-${last ?? ''}`, content)).toEqual(wanted);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Returns the bytes that a server sends for the header: all if it ignores the header, none if it refuses. */
function selected(header: string, content: readonly number[]): readonly number[] {
  try {
    const { start, end } = parseByteRange(header, content.length) ?? { start: 0, end: content.length - 1 };
    return content.slice(start, end + 1);
  } catch (error) {
    if (error instanceof OciError && error.status === 416) return [];
    throw error;
  }
}
