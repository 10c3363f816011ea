import type { StoredObject } from '../objects/bucket.ts';
import { OssError } from '../wire/oss-error.ts';
import { type OssReply, quoted, xml } from '../wire/oss-reply.ts';
import { document, element } from '../wire/xml.ts';
import type { Context, Operation } from './context.ts';
import { encryptionOf, keptHeaders } from './object-headers.ts';
import { checkPreconditions } from './preconditions.ts';
import { ossTime } from '../wire/oss-time.ts';

/** Limit of a copy in bytes. Larger objects are copied in parts. */
const largestCopy = 1024 ** 3;

export const copyObject: Operation = async ({ key, headers }, context) => {
  const { bucket, directory, now } = context;
  const source = copySource(headers, context);
  if (source.bytes.size > largestCopy) throw new OssError('EntityTooLarge');
  if (checkPreconditions(source, headers, 'x-oss-copy-source-') === 'not-modified') return { status: 304 };
  bucket.refuseOverwrite(key, headers);
  const isReplaced = headers['x-oss-metadata-directive']?.toUpperCase() === 'REPLACE';
  const kept = keptHeaders(headers);
  const bytes = await source.bytes.copy(directory);
  const copied: StoredObject = {
    ...source,
    key,
    bytes,
    modifiedAt: now(),
    headers: isReplaced ? kept : source.headers,
  };
  bucket.put(copied);
  return copyReply('CopyObjectResult', copied.etag, copied);
};

/** Returns the source of a copy. @throws OssError NoSuchBucket, NoSuchKey; InvalidArgument for a source that is not `/bucket/key` */
export function copySource(
  headers: Readonly<Record<string, string>>,
  { bucketNamed }: Context,
): StoredObject {
  const header = headers['x-oss-copy-source'] ?? '';
  const [, bucket, key] = /^\/([^/]+)\/(.+)$/.exec(header) ?? [];
  if (bucket === undefined || key === undefined)
    throw new OssError('InvalidArgument', { ArgumentName: 'x-oss-copy-source', ArgumentValue: header });
  return bucketNamed(bucket).object(decodeURIComponent(key));
}

export function copyReply(
  root: string,
  etag: string,
  { modifiedAt, crc64, headers }: Pick<StoredObject, 'modifiedAt' | 'crc64' | 'headers'>,
): OssReply {
  return xml(document(root, [element('ETag', quoted(etag)), element('LastModified', ossTime(modifiedAt))]), {
    etag: quoted(etag),
    'x-oss-hash-crc64ecma': String(crc64),
    ...encryptionOf(headers),
  });
}
