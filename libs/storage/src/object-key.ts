import { type Digest, digestAlgorithm, digestHex } from '@longshore/oci';
import { StorageError } from './storage-error.ts';

declare const brand: unique symbol;
/**
 * Where an object lies. Segments of `[A-Za-z0-9._-]` joined by slashes, none of them `.` or `..`, so that no key can leave a root.
 *
 *     uploads/<upload id>                          bytes on their way
 *     blobs/<algorithm>/<ab>/<hex>/<upload id>     a blob, on drivers that rename
 */
export type ObjectKey = string & { readonly [brand]: 'ObjectKey' };

const longest = 512;
const grammar = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;

export function isObjectKey(text: string): text is ObjectKey {
  return text.length <= longest && grammar.test(text) && !text.split('/').some((segment) => segment === '.' || segment === '..');
}

/** @throws StorageError 'invalid-path' */
export function objectKey(text: string): ObjectKey {
  if (!isObjectKey(text)) throw new StorageError('invalid-path', { driver: 'storage', key: text.slice(0, longest) });
  return text;
}

export function keyOfUpload(uploadId: string): ObjectKey {
  return objectKey(`uploads/${uploadId}`);
}

/** The upload id stays in the name: a collector that deletes an old object can never hit a new upload of the same digest. */
export function keyOfBlob(digest: Digest, uploadId: string): ObjectKey {
  const hex = digestHex(digest);
  return objectKey(`blobs/${digestAlgorithm(digest)}/${hex.slice(0, 2)}/${hex}/${uploadId}`);
}
