import type { Readable } from 'node:stream';
import type { OssAnswer } from './oss-client.ts';
import { OssFailure } from './oss-failure.ts';
import { StorageError } from '@longshore/storage';
import type { GetRange } from '@longshore/storage-remote';

/**
 * Returns the headers of a range. A range is always requested, so the answer tells its length twice. By default OSS ignores a range that reaches
 * beyond the object and sends everything; the `standard` behavior follows HTTP.
 */
export function rangeHeaders({ start = 0, end, etag }: GetRange): Readonly<Record<string, string>> {
  return {
    Range: `bytes=${start}-${end ?? ''}`,
    'x-oss-range-behavior': 'standard',
    ...(etag === undefined ? {} : { 'If-Match': `"${etag}"` }),
  };
}

/** Returns exactly the requested bytes. @throws StorageError 'invalid-range'; OssFailure if the answer has other bytes */
export function openedRange(answer: OssAnswer, range: GetRange): { body: Readable; size: number } {
  const { body } = answer;
  if (body === undefined) throw new OssFailure('answers without a body', answer);
  const size = answer.status === 200 ? sizeOfWhole(answer, range) : sizeOfPart(answer, range);
  if (typeof size === 'number') return { body, size };
  body.on('error', () => undefined).destroy();
  throw size;
}

/** Returns the size from an answer with the whole object. A service that does not know the header above answers a range this way. */
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
