import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Digest,
  digestAlgorithm,
  digestFromBytes,
  digestHex,
  digestToBytes,
  isDigest,
  parseDigest,
} from './digest.ts';

const digests = fc
  .tuple(fc.constantFrom('sha256', 'sha512'), fc.uint8Array())
  .map(([algorithm, content]): Digest =>
    parseDigest(`${algorithm}:${createHash(algorithm).update(content).digest('hex')}`),
  );
const hex = 'a'.repeat(64);

describe('Digest', () => {
  it('is parsed, split, stored and read back unchanged', () => {
    fc.assert(
      fc.property(digests, (digest) => {
        expect(`${digestAlgorithm(digest)}:${digestHex(digest)}`).toBe(digest);
        const bytes = digestToBytes(digest);
        expect(bytes).toHaveLength(digestAlgorithm(digest) === 'sha256' ? 33 : 65);
        expect(digestFromBytes(bytes)).toBe(digest);
        expect(digestFromBytes(Uint8Array.from([0, 0, ...bytes]).subarray(2))).toBe(digest);
      }),
    );
  });

  it('is stored with the algorithm in the first byte: 1 for sha256, 2 for sha512', () => {
    expect(digestToBytes(parseDigest(`sha256:${hex}`))[0]).toBe(1);
    expect(digestToBytes(parseDigest(`sha512:${hex}${hex}`))[0]).toBe(2);
  });

  it.each([
    '',
    hex,
    `sha256:${'A'.repeat(64)}`,
    `SHA256:${hex}`,
    `sha256:${hex}a`,
    `sha256:${hex.slice(1)}`,
    `sha512:${hex}`,
    `sha384:${'a'.repeat(96)}`,
    `md5:${'a'.repeat(32)}`,
    `sha256:${hex}\n`,
    `sha256:../${'a'.repeat(61)}`,
    `sha256+b64:${hex}`,
    'sha256:baddigeststring',
  ])('%j is DIGEST_INVALID', (text) => {
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID', status: 400 }));
  });

  it('accepts what its grammar says and nothing else', () => {
    const nearly = fc.oneof(
      fc.string(),
      fc.stringMatching(/^sha(256|512):[0-9a-f]{62,66}$/),
      fc.stringMatching(/^sha(256|512):[0-9a-f]{126,130}$/),
    );
    fc.assert(
      fc.property(nearly, (text) => {
        const [algorithm, hash = '', ...rest] = text.split(':');
        const length = algorithm === 'sha256' ? 64 : algorithm === 'sha512' ? 128 : -1;
        const expected = rest.length === 0 && hash.length === length && /^[0-9a-f]*$/.test(hash);
        expect(isDigest(text)).toBe(expected);
      }),
    );
  });

  it.each([
    ['nothing', []],
    ['an algorithm alone', [1]],
    ['algorithm 0, which none has', [0, ...Buffer.alloc(64)]],
    ['algorithm 3', [3, ...Buffer.alloc(64)]],
    ['a short hash', [1, ...Buffer.alloc(31)]],
    ['a hash of the other algorithm', [1, ...Buffer.alloc(64)]],
  ])('is not read from a damaged row: %s', (_, bytes) => {
    expect(() => digestFromBytes(Uint8Array.from(bytes))).toThrow('unknown form');
  });
});
