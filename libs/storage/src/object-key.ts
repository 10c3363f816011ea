import { type Digest, digestAlgorithm, digestHex } from '@longshore/oci';
import { StorageError } from './storage-error.ts';

declare const brand: unique symbol;
/**
 * Where an object lies. Segments of 1 to 255 characters of `[A-Za-z0-9._-]` joined by slashes, none of them `.` or `..`, 512 characters at
 * most: no key can leave a root, and every store takes every key.
 *
 *     uploads/<upload id>                          bytes on their way; on drivers that do not rename, the blob for good
 *     blobs/<algorithm>/<ab>/<hex>/<upload id>     a blob, on drivers that rename
 */
export type ObjectKey = string & { readonly [brand]: 'ObjectKey' };

const longest = 512;
const grammar = /^(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]{1,255}(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]{1,255})*$/;

export function isObjectKey(text: string): text is ObjectKey {
  return text.length <= longest && grammar.test(text);
}

/** @throws StorageError 'invalid-path', which names the driver that was asked */
export function objectKey(text: string, driver = 'storage'): ObjectKey {
  if (!isObjectKey(text)) throw new StorageError('invalid-path', { driver, key: text.slice(0, longest) });
  return text;
}

/** @throws StorageError 'invalid-path' */
export function keyOfUpload(uploadId: string): ObjectKey {
  return objectKey(`uploads/${uploadId}`);
}

/**
 * The upload id stays in the name: a collector that deletes an old object can never hit a new upload of the same digest.
 * @throws StorageError 'invalid-path'
 */
export function keyOfBlob(digest: Digest, uploadId: string): ObjectKey {
  const hex = digestHex(digest);
  return objectKey(`blobs/${digestAlgorithm(digest)}/${hex.slice(0, 2)}/${hex}/${uploadId}`);
}
