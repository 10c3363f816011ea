import { OssError } from '../wire/oss-error.ts';

/** From `start` (inclusive) to `end` (exclusive). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Returns the range of a Range header; undefined for the whole object. By default OSS ignores a range that is not entirely within the object. With
 * `x-oss-range-behavior: standard` it follows HTTP: it cuts the range, or refuses it if nothing is left.
 * @throws OssError InvalidRange
 */
export function requestedRange(headers: Readonly<Record<string, string>>, size: number): Range | undefined {
  const header = headers['range'] ?? '';
  const asked = parse(header, size);
  if (asked === undefined) return undefined;
  const isWithin = asked.start >= 0 && asked.start < asked.end && asked.end <= size;
  if (isWithin) return asked;
  if (headers['x-oss-range-behavior'] !== 'standard') return undefined;
  const cut = { start: Math.max(asked.start, 0), end: Math.min(asked.end, size) };
  if (cut.start >= cut.end)
    throw new OssError('InvalidRange', { ActualObjectSize: String(size), RangeHeader: header });
  return cut;
}

function parse(header: string, size: number): Range | undefined {
  const fields = /^bytes=(\d*)-(\d*)$/.exec(header);
  if (fields === null) return undefined;
  const [, first = '', last = ''] = fields;
  if (first === '' && last === '') return undefined;
  if (first === '') return { start: size - Number(last), end: size };
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return { start: Number(first), end: last === '' ? Math.max(size, Number(first)) : Number(last) + 1 };
}
