import type { AzureAccess } from './azurite/azurite.ts';
import type { S3Access } from './s3/s3-server.ts';
import type { TempauthSwift } from './swift/swift.ts';

/** How a driver reaches a test server. */
export interface StoreAccess {
  /** The origin of the server itself. */
  readonly origin: string;
  /**
   * Returns the map below `storage` with the driver and its parameters, for a driver that reaches the server at this origin, for example through a
   * proxy.
   */
  configuration(origin: string): Readonly<Record<string, object>>;
}

export function s3Access(server: S3Access): StoreAccess {
  const { endpoint, region, bucket, accessKey: accesskey, secretKey: secretkey } = server;
  return {
    origin: endpoint,
    configuration: (regionendpoint) => ({ s3: { regionendpoint, region, bucket, accesskey, secretkey } }),
  };
}

export function azureAccess(server: AzureAccess): StoreAccess {
  const { accountName: accountname, accountKey: accountkey, container } = server;
  const { origin, pathname } = new URL(server.endpoint);
  return {
    origin,
    configuration: (at) => ({ azure: { serviceurl: at + pathname, accountname, accountkey, container } }),
  };
}

/** A login answers with the address that it was sent to, so it works through the proxy too. */
export function swiftAccess(server: TempauthSwift): StoreAccess {
  const { username, password, container } = server;
  const { origin, pathname } = new URL(server.authUrl);
  return {
    origin,
    configuration: (at) => ({ swift: { authurl: at + pathname, username, password, container } }),
  };
}
