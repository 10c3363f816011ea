import { OciError } from './errors.ts';

/** The position of a chunk in an upload, in bytes, both ends included. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
}

const grammar = /^(?:bytes )?(\d{1,16})-(\d{1,16})(?:\/(?:\d+|\*))?$/;

/** Accepts `0-1023`, and RFC 9110's `bytes 0-1023/*`, which some clients send. @throws OciError RANGE_INVALID (416) */
export function parseContentRange(text: string): ContentRange {
  const [, first, last] = grammar.exec(text) ?? [];
  const start = Number(first ?? Number.NaN);
  const end = Number(last ?? Number.NaN);
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || end < start) {
    throw new OciError('RANGE_INVALID', { contentRange: text.slice(0, 128) });
  }
  return { start, end };
}
