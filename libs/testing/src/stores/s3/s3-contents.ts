import { ListMultipartUploadsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import type { StoreContents } from '../store-server.ts';
import type { S3Access } from './s3-server.ts';

/** Lists everything in the bucket. Of uploads it lists the first thousand, and on minio only those of exact keys. */
export async function s3Contents({
  endpoint,
  region,
  accessKey,
  secretKey,
  bucket,
}: S3Access): Promise<StoreContents> {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    const objects: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket }))
      objects.push(...Contents.map(({ Key = '' }) => Key));
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return { objects, uploads: Uploads.map(({ Key = '' }) => Key) };
  } finally {
    client.destroy();
  }
}
