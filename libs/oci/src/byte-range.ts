import type { ContentRange } from './content-range.ts';
import { OciError } from './errors.ts';

const grammar = /^bytes=(?:(\d{1,16})-(\d{0,16})|-(\d{1,16}))$/;

/**
 * Returns the part of a blob that a Range header asks for (RFC 9110 §14). Undefined means the whole blob, which is always a valid answer. Several
 * ranges and unknown units also get the whole blob.
 * @param size of the blob in bytes
 * @throws OciError RANGE_INVALID (416) if the range contains no byte of the blob
 */
export function parseByteRange(header: string | undefined, size: number): ContentRange | undefined {
  const [whole, first, last = '', suffix] = (header === undefined ? undefined : grammar.exec(header)) ?? [];
  if (whole === undefined) return undefined;
  const start = first === undefined ? Math.max(size - Number(suffix), 0) : Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  // A range past the end, a reversed range, and a suffix of zero bytes all put the start behind the end.
  if (start > end) {
    throw new OciError(
      'RANGE_INVALID',
      { range: header },
      { headers: { 'content-range': `bytes */${size}` } },
    );
  }
  return { start, end };
}
