import type { Readable } from 'node:stream';
import type { OssAnswer } from './oss-client.ts';
import { OssFailure } from './oss-failure.ts';
import { StorageError } from '@longshore/storage';
import type { GetRange } from '@longshore/storage-remote';

/**
 * A range is always asked for: the answer then says twice how long it is. By itself OSS takes a range that reaches beyond the object for none
 * and sends everything; it must be told to do as HTTP says.
 */
export function rangeHeaders({ start = 0, end, etag }: GetRange): Readonly<Record<string, string>> {
  return {
    Range: `bytes=${start}-${end ?? ''}`,
    'x-oss-range-behavior': 'standard',
    ...(etag === undefined ? {} : { 'If-Match': `"${etag}"` }),
  };
}

/** The bytes that were asked for, and no others. @throws StorageError 'invalid-range'; OssFailure when the answer is not what was asked for */
export function openedRange(answer: OssAnswer, range: GetRange): { body: Readable; size: number } {
  const { body } = answer;
  if (body === undefined) throw new OssFailure('answers without a body', answer);
  const size = answer.status === 200 ? sizeOfWhole(answer, range) : sizeOfPart(answer, range);
  if (typeof size === 'number') return { body, size };
  body.on('error', () => undefined).destroy();
  throw size;
}

/** Of the whole object in spite of a range, as a service answers that does not know the header above. */
function sizeOfWhole({ headers, status }: OssAnswer, { start = 0, end }: GetRange): number | Error {
  const size = Number(headers['content-length']);
  if (start >= size)
    return new StorageError('invalid-range', {
      driver: 'oss',
      reason: `${start}-${end ?? ''} of ${size} bytes`,
    });
  if (start === 0 && (end === undefined || end >= size - 1)) return size;
  return new OssFailure('answers with the whole object instead of a range', { status, headers });
}

function sizeOfPart({ headers, status }: OssAnswer, { start = 0, end }: GetRange): number | Error {
  const [, first = '', last = '', whole = ''] =
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  const size = Number(whole);
  const expected = Math.min(end ?? Infinity, size - 1);
  const isRight =
    whole !== '' &&
    Number(first) === start &&
    Number(last) === expected &&
    Number(headers['content-length']) === expected - start + 1;
  return isRight
    ? size
    : new OssFailure('answers with another range than was asked for', { status, headers });
}
