import type { MultipartUpload, Part } from '../objects/bucket.ts';
import type { Received } from '../objects/stored-bytes.ts';
import { receive } from '../objects/stored-bytes.ts';
import { OssError } from '../wire/oss-error.ts';
import { noContent, quoted, xml } from '../wire/oss-reply.ts';
import { numberIn, type OssRequest } from '../wire/oss-request.ts';
import { document, element } from '../wire/xml.ts';
import type { Context, Operation } from './context.ts';
import { copyReply, copySource } from './copy-object.ts';
import { nameWriter } from './listing.ts';
import { encryptionOf, keptHeaders } from './object-headers.ts';
import { checkPreconditions } from './preconditions.ts';
import { requestedRange } from './range.ts';
import { receiveBody } from './receive-body.ts';

export const initiateMultipartUpload: Operation = ({ key, headers, query }, { bucket, now }) => {
  bucket.refuseOverwrite(key, headers);
  const kept = keptHeaders(headers);
  const upload = bucket.initiate({ key, initiatedAt: now(), headers: kept });
  const write = nameWriter(query);
  return xml(
    document('InitiateMultipartUploadResult', [
      ...write.encoding,
      element('Bucket', bucket.name),
      write.name('Key', key),
      element('UploadId', upload.id),
    ]),
    encryptionOf(kept),
  );
};

export const uploadPart: Operation = async (request, context) => {
  const upload = uploadOf(request, context);
  const number = partNumber(request);
  const received = await receiveBody(request, context.directory);
  const { md5, crc64 } = await keepPart(upload, number, received, context);
  return {
    status: 200,
    headers: {
      etag: quoted(md5),
      'content-md5': Buffer.from(md5, 'hex').toString('base64'),
      'x-oss-hash-crc64ecma': String(crc64),
      ...encryptionOf(upload.headers),
    },
  };
};

export const uploadPartCopy: Operation = async (request, context) => {
  const upload = uploadOf(request, context);
  const number = partNumber(request);
  const source = copySource(request.headers, context);
  if (checkPreconditions(source, request.headers, 'x-oss-copy-source-') === 'not-modified')
    return { status: 304 };
  const range = requestedRange(
    { range: request.headers['x-oss-copy-source-range'] ?? '' },
    source.bytes.size,
  );
  const received = await receive(source.bytes.read(range?.start, range?.end), context.directory);
  const part = await keepPart(upload, number, received, context);
  return copyReply('CopyPartResult', part.md5, { ...part, headers: upload.headers });
};

export const abortMultipartUpload: Operation = (request, context) => {
  context.bucket.close(uploadOf(request, context));
  return noContent;
};

export function uploadOf({ key, query }: OssRequest, { bucket }: Context): MultipartUpload {
  return bucket.upload(key, query.get('uploadId') ?? '');
}

/** Stores a part. It replaces an earlier part of the same number. */
async function keepPart(
  upload: MultipartUpload,
  number: number,
  { bytes, md5, crc64 }: Received,
  { bucket, now }: Context,
): Promise<Part> {
  // The upload may have ended while the bytes arrived.
  if (bucket.uploads.get(upload.id) !== upload) {
    await bytes.drop();
    throw new OssError('NoSuchUpload', { UploadId: upload.id });
  }
  const part = { number, bytes, md5, crc64, modifiedAt: now() };
  void upload.parts.get(number)?.bytes.drop();
  upload.parts.set(number, part);
  return part;
}

function partNumber({ query }: OssRequest): number {
  return numberIn(query, 'partNumber', { least: 1, most: 10_000, otherwise: 0 });
}
