import { ociErrors, OciError } from '@longshore/oci';
import { code, page, table } from './markdown.ts';

/** The codes of the distribution specification, section "Error Codes". */
const specified: ReadonlySet<string> = new Set([
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_UNKNOWN',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'SIZE_INVALID',
  'UNAUTHORIZED',
  'DENIED',
  'UNSUPPORTED',
  'TOOMANYREQUESTS',
]);

export function errorsPage(): string {
  const rows = Object.entries(ociErrors).map(([name, { status, message }]) => [
    code(name),
    String(status),
    message,
    specified.has(name) ? 'OCI' : 'Longshore, Docker',
  ]);
  const example = new OciError('MANIFEST_UNKNOWN', { reference: '1.0' }).body();
  return page('Errors', '`libs/oci/src/errors.ts`', [
    'Every refusal under `/v2` is a document of this form, with `Content-Type: application/json`. A push that misses several blobs gets one entry for each.',
    `\`\`\`json\n${example}\n\`\`\``,
    table(['code', 'status', 'message', 'defined by'], rows),
    'A refusal may carry another status where HTTP has a closer word: 413 for what is too large, 414 for a path or a list of tags that is too long, 415 for a form of another media type. `detail` says more where there is more to say; its shape is for people. `UNAVAILABLE` and `TOOMANYREQUESTS` come with `Retry-After`, `UNAUTHORIZED` with `WWW-Authenticate`, 405 for a method of a known route with `Allow`.',
  ]);
}
