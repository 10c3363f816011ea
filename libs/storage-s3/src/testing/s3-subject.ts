import type { StorageDriver } from '@longshore/storage';
import type { DriverUnderTest } from '@longshore/storage/testing';
import type { S3Server } from '@longshore/testing/stores';
import { openS3 } from './open-s3.ts';

const open = ({ endpoint, region, accessKey, secretKey, bucket }: S3Server): Promise<StorageDriver> =>
  openS3({
    accesskey: accessKey,
    secretkey: secretKey,
    region,
    regionendpoint: endpoint,
    bucket,
    maxretries: 1,
  });

/** Starts a server for the contract suite, with two drivers on it. */
export async function s3Subject(start: () => Promise<S3Server>): Promise<DriverUnderTest> {
  const server = await start();
  const breakAppend = (): (() => void) => {
    server.pause();
    return () => server.resume();
  };
  return {
    driver: await open(server),
    other: await open(server),
    breakAppend,
    dispose: () => server.stop(),
  };
}
