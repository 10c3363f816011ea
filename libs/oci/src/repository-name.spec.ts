import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRepositoryName, parseRepositoryName } from './repository-name.ts';

/** The grammar of distribution-spec again, applied component by component. */
const component = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const specified = (text: string): boolean =>
  text.length <= 255 && text.split('/').every((part) => component.test(part));

describe('RepositoryName', () => {
  it.each([
    'a',
    '0',
    'library/ubuntu',
    'a.b_c__d-e---f',
    'manifests/blobs/tags/uploads/list/referrers',
    'a/b/c/d/e/f/g/h/i/j/k/l',
    'x'.repeat(255),
    'a/'.repeat(127) + 'a',
  ])('%s is one', (name) => {
    expect(parseRepositoryName(name)).toBe(name);
  });

  it.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    'A',
    'a/B',
    'a..b',
    'a___b',
    'a._b',
    '-a',
    'a-',
    '_catalog',
    '.',
    '..',
    'a/../b',
    'a%2fb',
    'a b',
    'a\n',
    'ä',
    'a\0',
    'x'.repeat(256),
  ])('%j is NAME_INVALID', (name) => {
    expect(() => parseRepositoryName(name)).toThrow(
      expect.objectContaining({ code: 'NAME_INVALID', status: 400 }),
    );
  });

  it('is what the specification says, for any text', () => {
    const alphabet = fc.constantFrom('a', 'z', '0', '.', '_', '__', '-', '/', 'A', '%', 'manifests');
    const near = fc.array(alphabet, { maxLength: 24 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        expect(isRepositoryName(text)).toBe(specified(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused in linear time, with a bounded detail', () => {
    const started = process.threadCpuUsage();
    for (const text of [`${'a-'.repeat(127)}!`, 'a__'.repeat(85), `a${'-'.repeat(254)}`, 'a/'.repeat(1e6)]) {
      expect(isRepositoryName(text)).toBe(false);
    }
    expect(process.threadCpuUsage(started).user).toBeLessThan(200_000);
    expect(() => parseRepositoryName('a/'.repeat(1e6))).toThrow(
      expect.objectContaining({ entries: [expect.objectContaining({ detail: { name: 'a/'.repeat(128) } })] }),
    );
  });
});
