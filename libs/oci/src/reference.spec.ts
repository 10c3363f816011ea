import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReference, parseReference } from './reference.ts';
import { isTag, parseTag } from './tag.ts';

const tags = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);

describe('Tag', () => {
  it('is any text of the specified characters, up to 128', () => {
    fc.assert(
      fc.property(tags, (tag) => {
        expect(parseTag(tag)).toBe(tag);
      }),
    );
  });

  it.each(['', '.a', '-a', 'a b', 'a+b', 'a/b', 'a%20', 'ä', 'a\n', 'a:b', 'x'.repeat(129)])(
    '%j is TAG_INVALID',
    (text) => {
      expect(isTag(text)).toBe(false);
      expect(() => parseTag(text)).toThrow(expect.objectContaining({ code: 'TAG_INVALID', status: 400 }));
    },
  );
});

describe('Reference', () => {
  it('is a tag without a colon and a digest with one', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(parseReference('latest')).toEqual({ kind: 'tag', tag: 'latest' });
    expect(parseReference(digest)).toEqual({ kind: 'digest', digest });
    expect(() => parseReference('sha256:short')).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }));
    expect(() => parseReference('a+b')).toThrow(expect.objectContaining({ code: 'TAG_INVALID' }));
  });

  it('is written as it was read', () => {
    const digests = fc.stringMatching(/^sha256:[0-9a-f]{64}$/);
    fc.assert(
      fc.property(fc.oneof(tags, digests), (text) => {
        expect(formatReference(parseReference(text))).toBe(text);
      }),
    );
  });
});
