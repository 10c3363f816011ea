import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Digest, parseDigest } from '../digest.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { mediaTypes } from '../media-type.ts';
import { fallbackTag, referrersIndex } from './referrers-index.ts';

const digest = parseDigest(`sha256:${'1'.repeat(64)}`);
const texts = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('referrersIndex', () => {
  it('of no referrers is an index with an empty list', () => {
    expect(texts(referrersIndex([]).index)).toBe(
      `{"schemaVersion":2,"mediaType":"${mediaTypes.ociIndex}","manifests":[]}`,
    );
  });

  it('leaves out what a referrer does not have', () => {
    const plain = { mediaType: mediaTypes.ociIndex, digest, size: 7 };
    const full = { ...plain, artifactType: 'a/b', annotations: { key: 'value' } };
    const index: unknown = JSON.parse(texts(referrersIndex([{ ...plain, annotations: {} }, full]).index));
    expect(index).toMatchObject({ manifests: [plain, full] });
    expect(index).not.toHaveProperty(['manifests', 0, 'annotations']);
    expect(index).not.toHaveProperty(['manifests', 0, 'artifactType']);
  });

  it('ends before it has more bytes than it may, and lists one at least', () => {
    const large = { mediaType: 'a/b', digest, size: 7, annotations: { key: 'x'.repeat(1000) } };
    const list = [large, large, large];
    expect(referrersIndex(list, 2500)).toMatchObject({ listed: 2 });
    expect(referrersIndex(list, 2500).index.byteLength).toBeLessThan(2700);
    expect(referrersIndex(list, 10)).toMatchObject({ listed: 1 });
    expect(referrersIndex(list)).toMatchObject({ listed: 3 });
  });

  it('is read back as an index of the same descriptors', () => {
    const referrers = fc.record({
      mediaType: fc.constantFrom(mediaTypes.ociManifest, mediaTypes.ociIndex),
      digest: fc.stringMatching(/^sha256:[0-9a-f]{64}$/).map((text): Digest => parseDigest(text)),
      size: fc.maxSafeNat(),
      artifactType: fc.constantFrom('application/spdx+json', 'a/b'),
      annotations: fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }), { minKeys: 1 }),
    });
    fc.assert(
      fc.property(fc.array(referrers), (list) => {
        expect(parseManifest(referrersIndex(list).index, mediaTypes.ociIndex).manifests).toEqual(list);
      }),
    );
  });
});

describe('fallbackTag', () => {
  it('is the algorithm and the hash, cut to what a tag may hold', () => {
    expect(fallbackTag(digest)).toBe(`sha256-${'1'.repeat(64)}`);
    expect(fallbackTag(parseDigest(`sha512:${'2'.repeat(128)}`))).toBe(`sha512-${'2'.repeat(64)}`);
  });
});
