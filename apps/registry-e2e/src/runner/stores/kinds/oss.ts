import { startOss } from '@longshore/testing/stores';
import type { StartedStore } from '../store-kinds.ts';

/** Halted, it breaks its connections and refuses new ones. */
export async function startOssStore(): Promise<StartedStore> {
  const server = await startOss();
  const { region, bucket, accessKeyId: accesskeyid, accessKeySecret: accesskeysecret } = server;
  return {
    origin: server.endpoint,
    configuration: (endpoint) => ({
      oss: { endpoint, region, bucket, accesskeyid, accesskeysecret, forcepathstyle: true },
    }),
    contents: () => server.contents(),
    halt: () => server.kill(),
    resume: () => server.restart(),
    stop: () => server.stop(),
  };
}
