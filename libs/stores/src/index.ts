export { createStorageDriver } from './create-storage-driver.ts';
export { loadStorageCode } from './load-code.ts';
export type { StorageMiddleware } from './redirects/storage-middleware.ts';
export { inspectStore, type Finding } from './inspection/inspect-store.ts';
