import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OciError, type OciErrorCode } from './errors.ts';
import { nextLink, type Page, parsePage } from './page.ts';

const limits = { maximum: 1000, fallback: 100 };
const read = (query: string): unknown => parsePage(new URLSearchParams(query), limits);

describe('parsePage', () => {
  it.each([
    ['', { limit: 100 }],
    ['n=', { limit: 100 }],
    ['n=0', { limit: 0 }],
    ['n=1', { limit: 1 }],
    ['n=1000', { limit: 1000 }],
    ['n=1001', { limit: 1000 }],
    ['n=007', { limit: 7 }],
    [`n=${2 ** 31}`, { limit: 1000 }],
    [`n=${2 ** 53}`, { limit: 1000 }],
    [`n=${'9'.repeat(400)}`, { limit: 1000 }],
    ['n=5&last=v1', { limit: 5, last: 'v1' }],
    ['last=', { limit: 100 }],
    ['last=a%00b', { limit: 100, last: 'a' }],
    ['last=%00', { limit: 100 }],
    ['n=1&n=2', { limit: 1 }],
    ['__proto__=1&constructor=2', { limit: 100 }],
  ])('%s', (query, page) => {
    expect(read(query)).toEqual(page);
  });

  it.each([
    'n=-1',
    'n=1.5',
    'n=1e308',
    'n=abc',
    'n=%201',
    'n=+1',
    'n=1%20',
    'n=%00',
    'n=0x10',
    'n=Infinity',
    'n=١',
    `n=${'9'.repeat(401)}`,
  ])('%s is PAGINATION_NUMBER_INVALID', (query) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({ code: 'PAGINATION_NUMBER_INVALID', status: 400 }),
    );
  });

  it('leaves the limit open if neither side sets one', () => {
    expect(parsePage(new URLSearchParams(), { maximum: 10 })).toEqual({ limit: undefined });
  });

  it('never asks for more than the maximum, whatever is sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.bigInt({ min: 0n }).map(String)), fc.string(), (n, last) => {
        const page = pageOrRefusal(new URLSearchParams({ n, last }));
        expect(page === 'PAGINATION_NUMBER_INVALID').toBe(!/^\d{0,400}$/.test(n));
        const { limit, last: from = '' } = typeof page === 'string' ? { limit: 0 } : page;
        expect(limit).toBeGreaterThanOrEqual(0);
        expect(limit).toBeLessThanOrEqual(1000);
        expect(from).not.toContain('\0');
      }),
    );
  });

  it('cuts `last` only where no name or tag can tell the difference', () => {
    const names = fc.stringMatching(/^[a-z0-9._/-]{1,255}$/);
    const tail = fc.constantFrom('\0', '\0zzz', 'z'.repeat(600));
    fc.assert(
      fc.property(names, names, tail, (name, start, end) => {
        const last = start + end;
        const page = parsePage(new URLSearchParams({ last }), limits);
        expect(name > (page.last ?? '')).toBe(name > last);
      }),
    );
  });
});

describe('nextLink', () => {
  it('writes a Link that leads to the next page', () => {
    expect(nextLink('/v2/a/tags/list', { n: 2, last: 'v1' })).toBe(
      '</v2/a/tags/list?n=2&last=v1>; rel="next"',
    );
  });

  it('can be followed with every parameter intact, and holds nothing that ends it early', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (last, n) => {
        const link = nextLink('/v2/_catalog', { n, last });
        const target = /^<([^<>"\s]*)>; rel="next"$/.exec(link)?.[1];
        const query = new URL(target ?? '', 'http://registry').searchParams;
        expect(query.get('last')).toBe(last);
        expect(query.get('n')).toBe(String(n));
      }),
    );
  });
});

function pageOrRefusal(query: URLSearchParams): Page | OciErrorCode {
  try {
    return parsePage(query, limits);
  } catch (error) {
    if (error instanceof OciError) return error.code;
    throw error;
  }
}
