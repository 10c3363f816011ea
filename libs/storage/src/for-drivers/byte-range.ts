import { StorageError } from '../storage-error.ts';

/** Where a range begins and the position behind its end, within an object of `size` bytes. */
export interface ByteRange {
  readonly start: number;
  readonly behind: number;
}

/** @throws StorageError 'invalid-range' when the range begins behind the object's end, before 0, or behind its own */
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
