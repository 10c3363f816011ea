import { describe, expect, it } from 'vitest';
import { type Block, blockSize, blocksToKeep } from './block-plan.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const gibibyte = 1024 * mebibyte;

const blocksOf = (...sizes: readonly number[]): Block[] =>
  sizes.map((size, at) => ({ id: String(at), size }));

describe('blocksToKeep', () => {
  it.each([
    ['all of them', [mebibyte, mebibyte], 2 * mebibyte, 2],
    ['those before the one that the offset cuts through', [mebibyte, mebibyte], 2 * mebibyte - 1, 1],
    ['those before what was never acknowledged', [mebibyte, mebibyte, mebibyte], mebibyte, 1],
    ['no small last one', [mebibyte, 10], mebibyte + 10, 1],
    ['no small one that is the last before the offset', [mebibyte, 10, mebibyte], mebibyte + 10, 1],
    ['none of a blob that was written whole', [], 100, 0],
    ['none at offset 0', [mebibyte], 0, 0],
  ])('keeps %s', (_, sizes, offset, kept) => {
    const { blocks, end } = blocksToKeep(blocksOf(...sizes), offset);
    expect(blocks).toHaveLength(kept);
    expect(end).toBe(sizes.slice(0, kept).reduce((sum, size) => sum + size, 0));
  });

  it('rewrites larger blocks the more there are, so that 50,000 hold terabytes', () => {
    const sizes = Array.from({ length: 50_000 }, (_, position) => leastAt(position));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(4096 * gibibyte);
  });

  it.each([0, 1, 3999, 4000, 8000, 49_999])('knows the minimum size after %d blocks', (position) => {
    const before = blocksOf(...Array.from({ length: position }, () => mebibyte));
    const kept = (size: number): number =>
      blocksToKeep([...before, { id: '', size }], position * mebibyte + size).blocks.length;
    expect([kept(leastAt(position) - 1), kept(leastAt(position))]).toEqual([position, position + 1]);
  });
});

function leastAt(position: number): number {
  return 256 * kibibyte * 2 ** Math.floor(position / 4000);
}

describe('blockSize', () => {
  it('keeps the size of layers of up to 20 GiB, and lets 50,000 blocks hold 19 TiB', () => {
    const sizes = Array.from({ length: 50_000 }, (_, position) => blockSize(position, 4 * mebibyte));
    expect(sizes.slice(0, 5000).every((size) => size === 4 * mebibyte)).toBe(true);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(19 * 1024 * gibibyte);
    // The service accepts no block above 4000 MiB.
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4000 * mebibyte);
  });
});
