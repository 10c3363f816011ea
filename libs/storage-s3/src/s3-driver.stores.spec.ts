import type { StorageDriver } from '@longshore/storage';
import { describeStorageDriver } from '@longshore/storage/testing';
import { startMinio, startSwiftS3Api, startVersitygw, type S3Server } from '@longshore/testing/stores';
import { openS3 } from './testing/open-s3.ts';

const open = ({ endpoint, region, accessKey, secretKey, bucket }: S3Server): Promise<StorageDriver> =>
  openS3({
    accesskey: accessKey,
    secretkey: secretKey,
    region,
    regionendpoint: endpoint,
    bucket,
    maxretries: 1,
  });

for (const [name, start] of [
  ['versitygw', startVersitygw],
  ['minio', startMinio],
  ["Swift's S3 API", startSwiftS3Api],
] as const)
  describeStorageDriver(`s3, on ${name}`, async () => {
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
  });
