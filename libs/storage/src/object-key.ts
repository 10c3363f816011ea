import { type Digest, digestAlgorithm, digestHex } from '@longshore/oci';
import { StorageError } from './storage-error.ts';

declare const brand: unique symbol;
/**
 * The key of an object: segments of 1 to 255 characters of `[A-Za-z0-9._-]`, joined by slashes. No segment is `.` or `..`. A key has at most 512
 * characters. No key can leave a root, and every store can hold every key.
 *
 *     uploads/<upload id>                          an open upload; on drivers that do not rename, also the blob
 *     blobs/<algorithm>/<ab>/<hex>/<upload id>     a blob, on drivers that rename
 */
export type ObjectKey = string & { readonly [brand]: 'ObjectKey' };

const longest = 512;
const grammar = /^(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]{1,255}(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]{1,255})*$/;

export function isObjectKey(text: string): text is ObjectKey {
  return text.length <= longest && grammar.test(text);
}

/** Parses a key. @throws StorageError 'invalid-path', with the name of the driver that was asked */
export function objectKey(text: string, driver = 'storage'): ObjectKey {
  if (!isObjectKey(text)) throw new StorageError('invalid-path', { driver, key: text.slice(0, longest) });
  return text;
}

/** Returns the key of an upload. @throws StorageError 'invalid-path' */
export function keyOfUpload(uploadId: string): ObjectKey {
  return objectKey(`uploads/${uploadId}`);
}

/**
 * Returns the key of a blob. It contains the upload id, so a collector that deletes an old object can never hit a new upload of the same digest.
 * @throws StorageError 'invalid-path'
 */
export function keyOfBlob(digest: Digest, uploadId: string): ObjectKey {
  const hex = digestHex(digest);
  return objectKey(`blobs/${digestAlgorithm(digest)}/${hex.slice(0, 2)}/${hex}/${uploadId}`);
}
