import { startAzurite, startOss, startSwift, startVersitygw } from '@longshore/testing/stores';

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

export const storeKinds: readonly StoreKind[] = [
  { name: 's3', start: startS3 },
  { name: 'azure', start: startAzure },
  { name: 'swift', start: startSwiftStore },
  { name: 'oss', start: startOssStore },
];

async function startS3(): Promise<StartedStore> {
  const server = await startVersitygw();
  const { region, bucket, accessKey: accesskey, secretKey: secretkey } = server;
  return {
    origin: server.endpoint,
    configuration: (regionendpoint) => ({ s3: { regionendpoint, region, bucket, accesskey, secretkey } }),
    stop: () => server.stop(),
  };
}

async function startAzure(): Promise<StartedStore> {
  const server = await startAzurite();
  const { accountName: accountname, accountKey: accountkey, container } = server;
  const { origin, pathname } = new URL(server.endpoint);
  return {
    origin,
    configuration: (proxy) => ({
      azure: { serviceurl: `${proxy}${pathname}`, accountname, accountkey, container },
    }),
    stop: () => server.stop(),
  };
}

async function startSwiftStore(): Promise<StartedStore> {
  const server = await startSwift();
  const { username, password, container } = server;
  const { origin, pathname } = new URL(server.authUrl);
  return {
    origin,
    // What a login answers is where it was sent to: the proxy, too.
    configuration: (proxy) => ({ swift: { authurl: `${proxy}${pathname}`, username, password, container } }),
    stop: () => server.stop(),
  };
}

async function startOssStore(): Promise<StartedStore> {
  const server = await startOss();
  const { region, bucket, accessKeyId: accesskeyid, accessKeySecret: accesskeysecret } = server;
  return {
    origin: server.endpoint,
    configuration: (endpoint) => ({
      oss: { endpoint, region, bucket, accesskeyid, accesskeysecret, forcepathstyle: true },
    }),
    stop: () => server.stop(),
  };
}
