import OSS from 'ali-oss';
import type { OssServer } from './index.ts';

export interface SdkOptions extends Partial<OSS.Options> {
  /** Known to the SDK but not to its types: the bucket is in the path of the endpoint. */
  readonly sldEnable?: boolean;
}

/** Creates the vendor's SDK for a test server. */
export function sdkClient(server: OssServer, options: SdkOptions = {}): OSS {
  const all: SdkOptions & OSS.Options = {
    region: `oss-${server.region}`,
    bucket: server.bucket,
    endpoint: server.endpoint,
    accessKeyId: server.accessKeyId,
    accessKeySecret: server.accessKeySecret,
    sldEnable: true,
    secure: false,
    ...options,
  };
  return new OSS(all);
}
