export interface Block {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
}

/** A blob has 50,000 blocks at most: after so many the next ones are twice as large. */
const blocksPerSize = 5000;
/** A smaller last block is read back and goes into the next one, or chunks of a few bytes would use the blocks up. */
export const leastBlock = 256 * 1024;
const blocksPerLeast = 4000;

/** How large the block at this position is made while there are bytes. */
export function blockSize(position: number, chunkSize: number): number {
  return chunkSize * 2 ** Math.floor(position / blocksPerSize);
}

/** Blocks of a blob up to a position in it, and where they end. */
export interface BlocksBefore {
  readonly blocks: readonly Block[];
  readonly end: number;
}

/**
 * The blocks that stay when an upload goes on at `offset`. The bytes between their end and the offset are to be written again: the beginning of
 * a block that the offset cuts through, or a last block that is too small to be left behind. With n blocks before it, one is left if it has
 * 256 KiB × 2^⌊n/4000⌋: so 50,000 of them hold terabytes, whatever the size of the chunks.
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
