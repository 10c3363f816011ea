import { createHash } from 'node:crypto';
import type { MultipartUpload, Part, StoredObject } from '../objects/bucket.ts';
import { combineCrc64 } from '../objects/crc64.ts';
import { StoredBytes } from '../objects/stored-bytes.ts';
import { OssError } from '../wire/oss-error.ts';
import { quoted, xml } from '../wire/oss-reply.ts';
import { type OssRequest, readText } from '../wire/oss-request.ts';
import { document, element } from '../wire/xml.ts';
import { parseDocument } from '../wire/xml-document.ts';
import type { Operation } from './context.ts';
import { nameWriter } from './listing.ts';
import { encryptionOf } from './object-headers.ts';
import { uploadOf } from './multipart-uploads.ts';

/** Minimum size of every part but the last: 100 KiB. */
const smallestPart = 100 * 1024;
const largestDocument = 2 * 1024 ** 2;

export const completeMultipartUpload: Operation = async (request, context) => {
  const { bucket, now } = context;
  const named = await namedParts(request);
  // Look the upload up after the body has arrived: it may have been completed meanwhile.
  const upload = uploadOf(request, context);
  const parts = named === 'all' ? allParts(upload) : named.map((part) => matching(upload, part));
  refuseSmall(parts);
  bucket.refuseOverwrite(upload.key, request.headers);
  const object = joined(upload, parts, now());
  bucket.close(upload, parts);
  bucket.put(object);
  const write = nameWriter(request.query);
  return xml(
    document('CompleteMultipartUploadResult', [
      ...write.encoding,
      element('Location', `http://${request.host}/${upload.key}`),
      element('Bucket', bucket.name),
      write.name('Key', upload.key),
      element('ETag', quoted(object.etag)),
    ]),
    {
      etag: quoted(object.etag),
      'x-oss-hash-crc64ecma': String(object.crc64),
      ...encryptionOf(upload.headers),
    },
  );
};

interface NamedPart {
  readonly number: number;
  readonly etag: string;
}

/** @throws OssError MalformedXML; InvalidPartOrder unless the numbers ascend */
async function namedParts(request: OssRequest): Promise<readonly NamedPart[] | 'all'> {
  const body = await readText(request, largestDocument);
  if (request.headers['x-oss-complete-all'] === 'yes') {
    if (body.length > 0) throw new OssError('InvalidArgument', { ArgumentName: 'x-oss-complete-all' });
    return 'all';
  }
  const parts = parseDocument(body.toString(), 'CompleteMultipartUpload')
    .children('Part')
    .map((part) => ({
      number: Number(part.child('PartNumber').text),
      etag: part.child('ETag').text.replaceAll('"', '').toUpperCase(),
    }));
  if (parts.length === 0) throw new OssError('MalformedXML');
  const ascends = parts.every(({ number }, index) => number > (parts[index - 1]?.number ?? 0));
  if (!ascends) throw new OssError('InvalidPartOrder');
  return parts;
}

function allParts({ parts }: MultipartUpload): Part[] {
  if (parts.size === 0) throw new OssError('InvalidPart');
  return [...parts.values()].toSorted((left, right) => left.number - right.number);
}

function matching({ parts }: MultipartUpload, { number, etag }: NamedPart): Part {
  const part = parts.get(number);
  if (part?.md5 !== etag) throw new OssError('InvalidPart', { PartNumber: String(number), ETag: etag });
  return part;
}

function refuseSmall(parts: readonly Part[]): void {
  const small = parts.slice(0, -1).find(({ bytes }) => bytes.size < smallestPart);
  if (small !== undefined)
    throw new OssError('EntityTooSmall', {
      PartNumber: String(small.number),
      ProposedSize: String(small.bytes.size),
      MinSizeAllowed: String(smallestPart),
    });
}

function joined({ key, headers }: MultipartUpload, parts: readonly Part[], modifiedAt: Date): StoredObject {
  const hash = createHash('md5');
  for (const { md5 } of parts) hash.update(Buffer.from(md5, 'hex'));
  return {
    key,
    bytes: StoredBytes.joined(parts.map(({ bytes }) => bytes)),
    etag: `${hash.digest('hex').toUpperCase()}-${parts.length}`,
    crc64: parts.reduce((crc, part) => combineCrc64(crc, part.crc64, part.bytes.size), 0n),
    type: 'Multipart',
    modifiedAt,
    headers,
  };
}
