import type { StoreAccess } from '@longshore/testing/stores';
import type { OssServer } from './start-oss.ts';

export function ossAccess(server: OssServer): StoreAccess {
  const { region, bucket, accessKeyId: accesskeyid, accessKeySecret: accesskeysecret } = server;
  const parameters = { region, bucket, accesskeyid, accesskeysecret, forcepathstyle: true };
  return { origin: server.endpoint, configuration: (endpoint) => ({ oss: { endpoint, ...parameters } }) };
}
