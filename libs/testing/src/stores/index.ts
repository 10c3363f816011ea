export { type AzuriteServer, startAzurite } from './azurite/azurite.ts';
export { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from './fault-proxy.ts';
export * from './oss/index.ts';
export { freePort } from './process/free-port.ts';
export * from './s3/minio.ts';
export type { S3Server } from './s3/s3-server.ts';
export * from './s3/versitygw.ts';
export type { StoreServer } from './store-server.ts';
export * from './swift/swift.ts';
