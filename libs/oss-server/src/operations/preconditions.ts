import type { StoredObject } from '../objects/bucket.ts';
import { OssError } from '../wire/oss-error.ts';

/** Prefix of the precondition headers about the source of a copy. */
type Prefix = '' | 'x-oss-copy-source-';

/** Checks the preconditions. Returns whether to send the object, or that the client has it already. @throws OssError PreconditionFailed */
export function checkPreconditions(
  { etag, modifiedAt }: StoredObject,
  headers: Readonly<Record<string, string>>,
  prefix: Prefix = '',
): 'send' | 'not-modified' {
  const condition = (name: string) => headers[`${prefix}${name.toLowerCase()}`];
  // Headers have whole seconds.
  const modified = Math.floor(modifiedAt.getTime() / 1000) * 1000;
  const match = condition('If-Match');
  if (match !== undefined && !names(match, etag))
    throw new OssError('PreconditionFailed', { Condition: 'If-Match' });
  if (modified > instant(condition('If-Unmodified-Since')))
    throw new OssError('PreconditionFailed', { Condition: 'If-Unmodified-Since' });
  const noneMatch = condition('If-None-Match');
  if (noneMatch !== undefined && names(noneMatch, etag)) return 'not-modified';
  return modified <= instant(condition('If-Modified-Since')) ? 'not-modified' : 'send';
}

function names(header: string, etag: string): boolean {
  return header.split(',').some((name) => ['*', etag].includes(name.trim().replaceAll('"', '')));
}

// Parses a date. A missing or malformed date is NaN, which compares false with everything.
function instant(date: string | undefined): number {
  return date === undefined ? Number.NaN : Date.parse(date);
}
