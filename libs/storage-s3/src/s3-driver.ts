import { classifyS3 } from './s3-errors.ts';
import type { S3Parameters } from './s3-parameters.ts';
import { S3Store } from './s3-store.ts';
import { MultipartDriver, StoreCalls, StoreKeys, usualPolicy } from '@longshore/storage-remote';

/** @throws Error of the file system if the CA bundle cannot be read */
export function createS3Driver(parameters: S3Parameters): MultipartDriver {
  const { maxretries, maxconcurrency, maxrequestspersecond } = parameters;
  const policy = {
    ...usualPolicy,
    retries: maxretries,
    concurrency: maxconcurrency,
    callsPerSecond: maxrequestspersecond,
  };
  return new MultipartDriver('s3', {
    store: new S3Store(parameters),
    calls: new StoreCalls(policy, classifyS3),
    keys: new StoreKeys(parameters.rootdirectory),
    partSize: parameters.chunksize,
  });
}
