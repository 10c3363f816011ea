import { StorageError } from '../storage-error.ts';

/** The first position of a range and the position after its last byte, within an object of `size` bytes. */
export interface ByteRange {
  readonly start: number;
  readonly behind: number;
}

/**
 * Resolves a range against an object's size. @throws StorageError 'invalid-range' if the range begins before 0, after the object's end, or after its
 * own end
 */
export function byteRange(
  { start = 0, end }: { readonly start?: number | undefined; readonly end?: number | undefined },
  size: number,
  about: { readonly driver: string; readonly key: string },
): ByteRange {
  const last = end ?? Infinity;
  if (!(start >= 0 && start <= size && last >= start))
    throw new StorageError('invalid-range', { ...about, reason: `${start}-${end ?? ''} of ${size} bytes` });
  return { start, behind: Math.min(last + 1, size) };
}
