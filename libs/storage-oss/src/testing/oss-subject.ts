import { driverParameters, type ObjectKey, type StorageDriver } from '@longshore/storage';
import { newKey } from '@longshore/storage/testing';
import type { OssServer } from '@longshore/oss-server';
import { createOssDriver } from '../create-oss-driver.ts';
import { ossParameters } from '../oss-parameters.ts';

/** Opens a driver on a test server, with the bucket in the path. It has no credentials of the server unless the parameters give them. */
export function openBucket(server: OssServer, parameters: object): StorageDriver {
  const { endpoint, region, bucket } = server;
  return createOssDriver(
    driverParameters(ossParameters, { endpoint, region, bucket, forcepathstyle: true, ...parameters }),
  );
}

export function openOss(server: OssServer, parameters: object = {}): StorageDriver {
  const { accessKeyId, accessKeySecret } = server;
  return openBucket(server, { accesskeyid: accessKeyId, accesskeysecret: accessKeySecret, ...parameters });
}

/** Stores an object the way a blob is stored. */
export async function pushed(driver: StorageDriver, bytes: Uint8Array): Promise<ObjectKey> {
  const key = newKey();
  const source = (async function* once() {
    yield await Promise.resolve(bytes);
  })();
  await driver.commit({ key, ...(await driver.append({ key, offset: 0, state: null }, source)) }, key);
  return key;
}
