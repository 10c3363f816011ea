import type { Bucket } from '../objects/bucket.ts';
import type { OssReply } from '../wire/oss-reply.ts';
import type { OssRequest } from '../wire/oss-request.ts';

export interface Context {
  /** The bucket of the request. */
  readonly bucket: Bucket;
  readonly region: string;
  /** The directory of the stored bytes. */
  readonly directory: string;
  readonly now: () => Date;
  /** @throws OssError NoSuchBucket */
  readonly bucketNamed: (name: string) => Bucket;
}

export type Operation = (request: OssRequest, context: Context) => OssReply | Promise<OssReply>;
