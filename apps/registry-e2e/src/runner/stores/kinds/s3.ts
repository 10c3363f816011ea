import { s3Contents, startVersitygw } from '@longshore/testing/stores';
import type { StartedStore } from '../store-kinds.ts';

/** Halted, it is killed: connections break, and new ones are refused. */
export async function startS3(): Promise<StartedStore> {
  const server = await startVersitygw();
  const { region, bucket, accessKey: accesskey, secretKey: secretkey } = server;
  return {
    origin: server.endpoint,
    configuration: (regionendpoint) => ({ s3: { regionendpoint, region, bucket, accesskey, secretkey } }),
    contents: () => s3Contents(server),
    halt: () => server.kill(),
    resume: () => server.restart(),
    stop: () => server.stop(),
  };
}
