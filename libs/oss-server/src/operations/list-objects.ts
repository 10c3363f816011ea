import type { Bucket, StoredObject } from '../objects/bucket.ts';
import { byBytes } from '../objects/sorted-keys.ts';
import { OssError } from '../wire/oss-error.ts';
import { quoted, xml } from '../wire/oss-reply.ts';
import { numberIn, type OssRequest } from '../wire/oss-request.ts';
import { document, element, type Xml } from '../wire/xml.ts';
import type { Operation } from './context.ts';
import { nameWriter, type Page, pageOf } from './listing.ts';
import { storageClassOf } from './object-headers.ts';
import { ossTime } from '../wire/oss-time.ts';

export const owner = element('Owner', [
  element('ID', '1234567890123456'),
  element('DisplayName', '1234567890123456'),
]);

export const listObjects: Operation = ({ query }, { bucket }) => {
  const marker = query.get('marker') ?? '';
  const page = objectsAfter(bucket, query, marker);
  const write = nameWriter(query);
  return xml(
    document('ListBucketResult', [
      ...headOf(bucket, query),
      write.name('Marker', marker),
      ...(page.isTruncated ? [write.name('NextMarker', page.last?.name ?? '')] : []),
      ...entriesOf(page, query, { withOwner: true }),
    ]),
  );
};

export const listObjectsV2: Operation = ({ query }, { bucket }) => {
  const token = query.get('continuation-token') ?? '';
  const startAfter = query.get('start-after') ?? '';
  const page = objectsAfter(bucket, query, token === '' ? startAfter : markerIn(token));
  const write = nameWriter(query);
  return xml(
    document('ListBucketResult', [
      ...headOf(bucket, query),
      ...(startAfter === '' ? [] : [write.name('StartAfter', startAfter)]),
      element('KeyCount', page.entries.length + page.commonPrefixes.length),
      ...(token === '' ? [] : [element('ContinuationToken', token)]),
      ...(page.isTruncated ? [element('NextContinuationToken', tokenOf(page.last?.name ?? ''))] : []),
      ...entriesOf(page, query, { withOwner: query.get('fetch-owner') === 'true' }),
    ]),
  );
};

function objectsAfter(bucket: Bucket, query: OssRequest['query'], after: string): Page<StoredObject> {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  // U+0000 is the smallest character, so this is the first key that can follow.
  const first = byBytes(after, prefix) < 0 ? prefix : `${after}\0`;
  const sorted = bucket.objectsFrom(after === '' ? prefix : first);
  return pageOf(sorted, { prefix, delimiter, limit: maxKeys(query), after });
}

function headOf(bucket: Bucket, query: OssRequest['query']): Xml[] {
  const write = nameWriter(query);
  return [
    element('Name', bucket.name),
    write.name('Prefix', query.get('prefix') ?? ''),
    element('MaxKeys', maxKeys(query)),
    write.name('Delimiter', query.get('delimiter') ?? ''),
    ...write.encoding,
  ];
}

function entriesOf(
  page: Page<StoredObject>,
  query: OssRequest['query'],
  { withOwner }: { readonly withOwner: boolean },
): Xml[] {
  const write = nameWriter(query);
  return [
    element('IsTruncated', page.isTruncated),
    ...page.entries.map((object) =>
      element('Contents', [
        write.name('Key', object.key),
        element('LastModified', ossTime(object.modifiedAt)),
        element('ETag', quoted(object.etag)),
        element('Type', object.type),
        element('Size', object.bytes.size),
        element('StorageClass', storageClassOf(object)),
        ...(withOwner ? [owner] : []),
      ]),
    ),
    ...page.commonPrefixes.map((prefix) => element('CommonPrefixes', [write.name('Prefix', prefix)])),
  ];
}

function maxKeys(query: OssRequest['query']): number {
  return numberIn(query, 'max-keys', { least: 1, most: 1000, otherwise: 100 });
}

function tokenOf(marker: string): string {
  return Buffer.from(marker).toString('base64');
}

function markerIn(token: string): string {
  const marker = Buffer.from(token, 'base64').toString();
  if (tokenOf(marker) === token) return marker;
  throw new OssError('InvalidArgument', { ArgumentName: 'continuation-token', ArgumentValue: token });
}
