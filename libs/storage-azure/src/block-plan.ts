export interface Block {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
}

/** Number of blocks of one size; then the size doubles. A blob has at most 50,000 blocks. */
const blocksPerSize = 5000;
/** Size in bytes below which the last block is read back and merged into the next one. Otherwise chunks of a few bytes would use up the blocks. */
export const leastBlock = 256 * 1024;
const blocksPerLeast = 4000;

/** Returns the size of the block at this position, if enough bytes follow. */
export function blockSize(position: number, chunkSize: number): number {
  return chunkSize * 2 ** Math.floor(position / blocksPerSize);
}

/** The blocks of a blob up to a position, and the position at which they end. */
export interface BlocksBefore {
  readonly blocks: readonly Block[];
  readonly end: number;
}

/**
 * Returns the blocks that stay when an upload continues at `offset`. The bytes between their end and the offset must be written again: the beginning
 * of a block that the offset cuts, or a last block that is too small to stay. After n blocks, a block stays if it has 256 KiB × 2^⌊n/4000⌋, so 50,000
 * blocks hold terabytes whatever the size of the chunks.
 */
export function blocksToKeep(blocks: readonly Block[], offset: number): BlocksBefore {
  const kept: Block[] = [];
  let end = 0;
  for (const block of blocks) {
    if (end + block.size > offset) break;
    kept.push(block);
    end += block.size;
  }
  const last = kept.at(-1);
  if (last === undefined || last.size >= leastBlock * 2 ** Math.floor((kept.length - 1) / blocksPerLeast))
    return { blocks: kept, end };
  return { blocks: kept.slice(0, -1), end: end - last.size };
}
