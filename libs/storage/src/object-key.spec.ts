import { resolve } from 'node:path';
import { parseDigest } from '@longshore/oci';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObjectKey, keyOfBlob, keyOfUpload, objectKey } from './object-key.ts';

describe('ObjectKey', () => {
  it('never leaves the root, and has one spelling', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('.', '/', 'a', '-', '_', '\\', '%', '\0', 'é'), maxLength: 12 }),
    );
    const outcome = fc.check(
      fc.property(texts, (text) => {
        return !isObjectKey(text) || resolve('/root', text) === `/root/${text}`;
      }),
      { numRuns: 5000 },
    );
    expect(outcome).toMatchObject({ failed: false });
  });

  it('accepts every text of its grammar', () => {
    const segment = fc
      .string({
        unit: fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '.', '_', '-'),
        minLength: 1,
        maxLength: 20,
      })
      .filter((text) => text !== '.' && text !== '..');
    const keys = fc.array(segment, { minLength: 1, maxLength: 8 }).map((segments) => segments.join('/'));
    const outcome = fc.check(fc.property(keys, (text) => isObjectKey(text)));
    expect(outcome).toMatchObject({ failed: false });
  });

  it('is at most 512 characters long, and 255 in a segment', () => {
    expect(isObjectKey('a'.repeat(255))).toBe(true);
    expect(isObjectKey('a'.repeat(256))).toBe(false);
    expect(isObjectKey(`${'a'.repeat(255)}/${'b'.repeat(255)}/c`)).toBe(false);
  });

  it('is refused quickly, however long the text', () => {
    const began = performance.now();
    expect(isObjectKey(`${'a.'.repeat(5_000_000)}!`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('is laid out by digest, with the upload in its name', () => {
    const hex = `ab${'0'.repeat(62)}`;
    expect(keyOfUpload('id')).toBe('uploads/id');
    expect(keyOfBlob(parseDigest(`sha256:${hex}`), 'id')).toBe(`blobs/sha256/ab/${hex}/id`);
    expect(() => keyOfUpload('../id')).toThrowError(expect.objectContaining({ kind: 'invalid-path' }));
    expect(() => objectKey('', 's3')).toThrowError(expect.objectContaining({ driver: 's3' }));
  });
});
