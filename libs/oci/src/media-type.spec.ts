import { describe, expect, it } from 'vitest';
import { bareMediaType, mediaTypes } from './media-type.ts';

describe('bareMediaType', () => {
  it.each([
    mediaTypes.ociManifest,
    `${mediaTypes.ociManifest};charset=utf-8`,
    ` ${mediaTypes.ociManifest} ; charset=utf-8`,
    mediaTypes.ociManifest.toUpperCase(),
  ])('of %s is the type alone', (contentType) => {
    expect(bareMediaType(contentType)).toBe(mediaTypes.ociManifest);
  });

  it('of an empty text is empty', () => {
    expect(bareMediaType('')).toBe('');
    expect(bareMediaType(';'.repeat(100_000))).toBe('');
  });
});
