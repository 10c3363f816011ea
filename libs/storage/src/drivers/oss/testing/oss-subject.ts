import { randomUUID } from 'node:crypto';
import type { OssServer } from '@longshore/testing/stores';
import { objectKey, type ObjectKey } from '../../../object-key.ts';
import type { StorageDriver } from '../../../storage-driver.ts';
import { StorageError } from '../../../storage-error.ts';
import { createOssDriver } from '../create-oss-driver.ts';
import { ossParameters } from '../oss-parameters.ts';

/** A driver on a server of these tests, its bucket in the path, and no key of the server's unless parameters give one. */
export function openBucket(server: OssServer, parameters: object): StorageDriver {
  const { endpoint, region, bucket } = server;
  return createOssDriver(
    ossParameters.parse({ endpoint, region, bucket, forcepathstyle: true, ...parameters }),
  );
}

export function openOss(server: OssServer, parameters: object = {}): StorageDriver {
  const { accessKeyId, accessKeySecret } = server;
  return openBucket(server, { accesskeyid: accessKeyId, accesskeysecret: accessKeySecret, ...parameters });
}

export function newKey(): ObjectKey {
  return objectKey(`uploads/${randomUUID()}`);
}

/** As a blob comes. */
export async function pushed(driver: StorageDriver, bytes: Uint8Array): Promise<ObjectKey> {
  const key = newKey();
  const source = (async function* once() {
    yield await Promise.resolve(bytes);
  })();
  await driver.commit({ key, ...(await driver.append({ key, offset: 0, state: null }, source)) }, key);
  return key;
}

/** The failure of a promise, which must be a StorageError. */
export async function failureOf(promise: Promise<unknown>): Promise<StorageError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof StorageError) return error;
  throw new Error('it did not fail with a StorageError', { cause: error });
}
