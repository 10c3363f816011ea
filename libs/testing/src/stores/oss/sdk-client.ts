import OSS from 'ali-oss';
import type { OssServer } from './index.ts';

export interface SdkOptions extends Partial<OSS.Options> {
  /** Known to the SDK, not to its types: buckets are folders of the endpoint. */
  readonly sldEnable?: boolean;
}

/** The vendor's SDK, for a server of these tests. */
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
