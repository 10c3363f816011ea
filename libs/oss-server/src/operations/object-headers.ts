import type { OutgoingHttpHeaders } from 'node:http';
import type { StoredObject } from '../objects/bucket.ts';
import { OssError } from '../wire/oss-error.ts';
import { quoted } from '../wire/oss-reply.ts';

type Headers = Readonly<Record<string, string>>;

const kept = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-oss-storage-class',
]);

const encryption = [
  'x-oss-server-side-encryption',
  'x-oss-server-side-data-encryption',
  'x-oss-server-side-encryption-key-id',
];

const storageClasses = ['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive'];

/**
 * Returns the request headers that are stored with the object.
 * @throws OssError InvalidEncryptionAlgorithmError, InvalidArgument for an unknown storage class
 */
export function keptHeaders(headers: Headers): Headers {
  const algorithm = headers['x-oss-server-side-encryption'];
  if (algorithm !== undefined && !['AES256', 'KMS', 'SM4'].includes(algorithm))
    throw new OssError('InvalidEncryptionAlgorithmError');
  const storageClass = headers['x-oss-storage-class'];
  if (storageClass !== undefined && !storageClasses.includes(storageClass))
    throw new OssError('InvalidArgument', {
      ArgumentName: 'x-oss-storage-class',
      ArgumentValue: storageClass,
    });
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => kept.has(name) || name.startsWith('x-oss-meta-') || encryption.includes(name),
    ),
  );
}

/** Returns the encryption headers, which every answer to a write repeats. */
export function encryptionOf(headers: Headers): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => encryption.includes(name)));
}

export function storageClassOf({ headers }: Pick<StoredObject, 'headers'>): string {
  return headers['x-oss-storage-class'] ?? 'Standard';
}

/** Returns the headers of HEAD and GET about an object, without a length. */
export function describe(object: StoredObject): OutgoingHttpHeaders {
  return {
    'content-type': 'application/octet-stream',
    ...object.headers,
    'accept-ranges': 'bytes',
    etag: quoted(object.etag),
    'last-modified': object.modifiedAt.toUTCString(),
    'x-oss-object-type': object.type,
    'x-oss-hash-crc64ecma': String(object.crc64),
    'x-oss-storage-class': storageClassOf(object),
  };
}
