import { startVersitygw } from '@longshore/testing/stores';

/** A storage server of the runner's, and how the registry is configured for it. */
export interface StartedStore {
  /** What a proxy stands before. */
  readonly origin: string;
  /** The map below `storage` that names the driver, for a registry that reaches the store at this origin. */
  configuration(origin: string): Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  /** Rejects when its server is not on this machine. */
  start(): Promise<StartedStore>;
}

export const storeKinds: readonly StoreKind[] = [{ name: 's3', start: startS3 }];

async function startS3(): Promise<StartedStore> {
  const server = await startVersitygw();
  const { region, bucket, accessKey: accesskey, secretKey: secretkey } = server;
  return {
    origin: server.endpoint,
    configuration: (regionendpoint) => ({
      s3: { regionendpoint, region, bucket, accesskey, secretkey, chunksize: '5MiB' },
    }),
    stop: () => server.stop(),
  };
}
