import type { Bucket, MultipartUpload } from '../objects/bucket.ts';
import { byBytes } from '../objects/sorted-keys.ts';
import { quoted, xml } from '../wire/oss-reply.ts';
import { numberIn } from '../wire/oss-request.ts';
import { document, element } from '../wire/xml.ts';
import type { Operation } from './context.ts';
import { nameWriter, pageOf } from './listing.ts';
import { uploadOf } from './multipart-uploads.ts';
import { storageClassOf } from './object-headers.ts';
import { ossTime } from '../wire/oss-time.ts';

export const listMultipartUploads: Operation = ({ query }, { bucket }) => {
  const asked = askedFor(query);
  const { prefix, delimiter, keyMarker, idMarker, limit } = asked;
  const page = pageOf(uploadsAfter(bucket, asked), { prefix, delimiter, limit, after: keyMarker });
  const next = page.isTruncated ? page.last : undefined;
  const write = nameWriter(query);
  return xml(
    document('ListMultipartUploadsResult', [
      ...write.encoding,
      element('Bucket', bucket.name),
      write.name('KeyMarker', keyMarker),
      element('UploadIdMarker', idMarker),
      write.name('NextKeyMarker', next?.name ?? ''),
      element('NextUploadIdMarker', next?.entry?.id ?? ''),
      write.name('Delimiter', delimiter),
      write.name('Prefix', prefix),
      element('MaxUploads', limit),
      element('IsTruncated', page.isTruncated),
      ...page.entries.map((upload) =>
        element('Upload', [
          write.name('Key', upload.key),
          element('UploadId', upload.id),
          element('StorageClass', storageClassOf(upload)),
          element('Initiated', ossTime(upload.initiatedAt)),
        ]),
      ),
      ...page.commonPrefixes.map((common) => element('CommonPrefixes', [write.name('Prefix', common)])),
    ]),
  );
};

function askedFor(query: ReadonlyMap<string, string>) {
  const text = (name: string) => query.get(name) ?? '';
  return {
    prefix: text('prefix'),
    delimiter: text('delimiter'),
    keyMarker: text('key-marker'),
    // Ignored without a key marker.
    idMarker: text('key-marker') === '' ? '' : text('upload-id-marker'),
    limit: numberIn(query, 'max-uploads', { least: 1, most: 1000, otherwise: 1000 }),
  };
}

function uploadsAfter({ uploads }: Bucket, { prefix, keyMarker, idMarker }: ReturnType<typeof askedFor>) {
  return [...uploads.values()]
    .filter((upload) => upload.key.startsWith(prefix) && isAfter(upload, keyMarker, idMarker))
    .toSorted((left, right) => byBytes(left.key, right.key) || byBytes(left.id, right.id));
}

export const listParts: Operation = (request, context) => {
  const { query } = request;
  const upload = uploadOf(request, context);
  const limit = numberIn(query, 'max-parts', { least: 1, most: 1000, otherwise: 1000 });
  const marker = numberIn(query, 'part-number-marker', { least: 0, most: 10_000, otherwise: 0 });
  const following = partsAfter(upload, marker);
  const parts = following.slice(0, limit);
  const write = nameWriter(query);
  return xml(
    document('ListPartsResult', [
      ...write.encoding,
      element('Bucket', context.bucket.name),
      write.name('Key', upload.key),
      element('UploadId', upload.id),
      element('StorageClass', storageClassOf(upload)),
      element('PartNumberMarker', marker),
      element('NextPartNumberMarker', parts.at(-1)?.number ?? marker),
      element('MaxParts', limit),
      element('IsTruncated', following.length > limit),
      ...parts.map((part) =>
        element('Part', [
          element('PartNumber', part.number),
          element('LastModified', ossTime(part.modifiedAt)),
          element('ETag', quoted(part.md5)),
          element('HashCrc64ecma', String(part.crc64)),
          element('Size', part.bytes.size),
        ]),
      ),
    ]),
  );
};

function partsAfter({ parts }: MultipartUpload, marker: number) {
  return [...parts.values()]
    .filter(({ number }) => number > marker)
    .toSorted((left, right) => left.number - right.number);
}

/** Whether an upload comes after the markers. Without an id marker, all uploads of the marker's key have been listed; with one, those up to it. */
function isAfter({ key, id }: MultipartUpload, keyMarker: string, idMarker: string): boolean {
  const order = byBytes(key, keyMarker);
  if (order !== 0 || keyMarker === '') return order > 0 || keyMarker === '';
  return idMarker !== '' && byBytes(id, idMarker) > 0;
}
